// A recipient in JavaScript. Reads {token, privateJwk, jwks, issuer, audience, now} from standard input,
// decrypts and verifies with the stock library, and writes the claims, byte for byte as they were signed.

import { readFileSync } from "node:fs";
import { compactDecrypt, compactVerify, createLocalJWKSet, importJWK, jwtVerify } from "jose";

const told = JSON.parse(readFileSync(0, "utf8"));

const key = await importJWK(told.privateJwk, "ECDH-ES");
const { plaintext, protectedHeader } = await compactDecrypt(told.token, key, {
  keyManagementAlgorithms: ["ECDH-ES"],
  contentEncryptionAlgorithms: ["A256GCM"],
});
if (protectedHeader.cty !== "JWT") throw new Error("not a nested JWT");

const signers = createLocalJWKSet(told.jwks);
const signed = new TextDecoder().decode(plaintext);
await jwtVerify(signed, signers, {
  algorithms: ["ES256", "Ed25519"],
  issuer: told.issuer,
  audience: told.audience,
  typ: "JWT",
  currentDate: new Date(told.now * 1000),
  requiredClaims: ["jti", "iat", "exp", "purpose", "data", "log"],
});

const { payload } = await compactVerify(signed, signers);
process.stdout.write(payload);
