//! Cryptography of tokens, provided by ring, which TLS uses already.
//!
//! The JWT library accepts any provider. Its pure Rust provider depends on an RSA crate whose timing leaks
//! private keys (RUSTSEC-2023-0071). This provider supports the algorithms that the settings offer and also
//! HS384 and HS512, which cost no extra code. It rejects all other algorithms. The verifier pins the
//! algorithm of a token.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind, Result},
    jwk::{EllipticCurve, ThumbprintHash},
    signature::{self, Signer, Verifier},
};
use ring::{
    digest, hmac,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
        UnparsedPublicKey,
    },
};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| signer(*algorithm, key),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_components,
        // Not needed: the publisher of a public key knows its components.
        rsa_pub_components_from_public_key: |_| Err(ErrorKind::UnsupportedAlgorithm.into()),
        ec_pub_components_from_private_key: ec_components,
        ed_pub_components_from_private_key: ed_component,
        compute_digest: |data, hash| digest(data, &hash),
    },
};

/// Installs this provider in the JWT library. Must run before the first token is signed or verified. Repeated
/// calls have no effect.
pub fn install() {
    // An error means that a provider is installed already.
    let _ = PROVIDER.install_default();
}

/// A key that signs tokens.
enum SigningKey {
    Hmac(hmac::Key),
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

struct Signing(Algorithm, SigningKey);

fn signer(algorithm: Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    fits(key.family(), algorithm)?;
    let bytes = key.as_bytes();
    let key = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            SigningKey::Hmac(hmac::Key::new(hash(algorithm), bytes))
        }
        Algorithm::RS256 => SigningKey::Rsa(Box::new(rsa_pair(bytes)?)),
        Algorithm::ES256 => SigningKey::Ec(Box::new(ec_pair(bytes)?)),
        Algorithm::EdDSA => SigningKey::Ed(Box::new(ed_pair(bytes)?)),
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(Box::new(Signing(algorithm, key)))
}

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        let random = SystemRandom::new();
        match &self.1 {
            SigningKey::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            SigningKey::Rsa(pair) => {
                let mut signed = vec![0; pair.public().modulus_len()];
                let done = pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signed);
                done.map(|()| signed).map_err(|_| signature::Error::new())
            }
            SigningKey::Ec(pair) => {
                let signed = pair.sign(&random, message);
                signed
                    .map(|signed| signed.as_ref().to_vec())
                    .map_err(|_| signature::Error::new())
            }
            SigningKey::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

struct Verifying(Algorithm, DecodingKey);

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    fits(key.family(), algorithm)?;
    Ok(Box::new(Verifying(algorithm, key.clone())))
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signed: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let verified = match (self.0, self.1.kind()) {
            (
                algorithm @ (Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512),
                DecodingKeyKind::SecretOrDer(secret),
            ) => hmac::verify(&hmac::Key::new(hash(algorithm), secret), message, signed),
            (Algorithm::RS256, DecodingKeyKind::SecretOrDer(der)) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).verify(message, signed)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signed)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signed)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signed)
            }
            _ => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

/// Checks that the kind of the key fits the algorithm. Without this check, a public key used as an HMAC
/// secret would let anyone sign tokens.
fn fits(family: AlgorithmFamily, algorithm: Algorithm) -> Result<()> {
    if family_of(algorithm)? == family {
        return Ok(());
    }
    Err(ErrorKind::InvalidKeyFormat.into())
}

fn family_of(algorithm: Algorithm) -> Result<AlgorithmFamily> {
    Ok(match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => AlgorithmFamily::Hmac,
        Algorithm::RS256 => AlgorithmFamily::Rsa,
        Algorithm::ES256 => AlgorithmFamily::Ec,
        Algorithm::EdDSA => AlgorithmFamily::Ed,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    })
}

fn hash(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::HS384 => hmac::HMAC_SHA384,
        Algorithm::HS512 => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    }
}

fn rsa_pair(der: &[u8]) -> Result<RsaKeyPair> {
    RsaKeyPair::from_der(der).map_err(|why| Error::from(ErrorKind::InvalidRsaKey(why.to_string())))
}

fn ec_pair(pkcs8: &[u8]) -> Result<EcdsaKeyPair> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
        .map_err(|_| ErrorKind::InvalidEcdsaKey.into())
}

fn ed_pair(pkcs8: &[u8]) -> Result<Ed25519KeyPair> {
    // The usual encoding of such a key contains only its private half.
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_| ErrorKind::InvalidEddsaKey.into())
}

fn rsa_components(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let pair = rsa_pair(der)?;
    let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
    Ok((public.n, public.e))
}

fn ec_components(pkcs8: &[u8], algorithm: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    if algorithm != Algorithm::ES256 {
        return Err(ErrorKind::InvalidEcdsaKey.into());
    }
    let pair = ec_pair(pkcs8)?;
    // The point is the byte 4, which marks the uncompressed form, followed by two coordinates of 32 bytes.
    match pair.public_key().as_ref() {
        [4, point @ ..] if point.len() == 64 => {
            let (x, y) = point.split_at(32);
            Ok((EllipticCurve::P256, x.to_vec(), y.to_vec()))
        }
        _ => Err(ErrorKind::InvalidEcdsaKey.into()),
    }
}

fn ed_component(pkcs8: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(ed_pair(pkcs8)?.public_key().as_ref().to_vec())
}

fn digest(data: &[u8], hash: &ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn pem(name: &str) -> Vec<u8> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/api/keys");
        std::fs::read(folder.join(format!("test-only-{name}.pem"))).expect("a key")
    }

    fn secret(algorithm: Algorithm) -> (Algorithm, EncodingKey, DecodingKey) {
        let secret = b"secret";
        (
            algorithm,
            EncodingKey::from_secret(secret),
            DecodingKey::from_secret(secret),
        )
    }

    fn pairs() -> Vec<(Algorithm, EncodingKey, DecodingKey)> {
        let (rsa, ec, ed) = (pem("rs256.private"), pem("es256.private"), pem("eddsa.private"));
        let (rsa_public, ec_public, ed_public) =
            (pem("rs256.public"), pem("es256.public"), pem("eddsa.public"));
        vec![
            secret(Algorithm::HS256),
            secret(Algorithm::HS384),
            secret(Algorithm::HS512),
            (
                Algorithm::RS256,
                EncodingKey::from_rsa_pem(&rsa).expect("a key"),
                DecodingKey::from_rsa_pem(&rsa_public).expect("a key"),
            ),
            (
                Algorithm::ES256,
                EncodingKey::from_ec_pem(&ec).expect("a key"),
                DecodingKey::from_ec_pem(&ec_public).expect("a key"),
            ),
            (
                Algorithm::EdDSA,
                EncodingKey::from_ed_pem(&ed).expect("a key"),
                DecodingKey::from_ed_pem(&ed_public).expect("a key"),
            ),
        ]
    }

    #[test]
    fn each_algorithm_verifies_only_its_own_signatures() {
        for (algorithm, private, public) in pairs() {
            let signed = signer(algorithm, &private)
                .expect("a signer")
                .try_sign(b"message")
                .expect("a signature");
            let verifying = verifier(algorithm, &public).expect("a verifier");
            assert!(verifying.verify(b"message", &signed).is_ok(), "{algorithm:?}");
            assert!(verifying.verify(b"massage", &signed).is_err(), "{algorithm:?}");
            for byte in [0, signed.len() / 2, signed.len() - 1] {
                let mut other = signed.clone();
                other[byte] ^= 1;
                assert!(verifying.verify(b"message", &other).is_err(), "{algorithm:?}");
            }
            for wrong in [&signed[1..], &[], &[0; 64]] {
                assert!(
                    verifying.verify(b"message", &wrong.to_vec()).is_err(),
                    "{algorithm:?}"
                );
            }
        }
    }

    #[test]
    fn mismatched_keys_and_unsupported_algorithms_are_refused() {
        for (algorithm, private, public) in pairs() {
            for (other, ..) in pairs() {
                let fits = Some(private.family()) == family_of(other).ok();
                assert_eq!(signer(other, &private).is_ok(), fits, "{algorithm:?} {other:?}");
                assert_eq!(verifier(other, &public).is_ok(), fits, "{algorithm:?} {other:?}");
            }
            for other in [
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
                Algorithm::ES384,
            ] {
                assert!(signer(other, &private).is_err() && verifier(other, &public).is_err());
            }
        }
    }

    /// RFC 4231, second test case, and RFC 8032, section 7.1, second test.
    #[test]
    fn signatures_match_the_published_test_vectors() {
        let hex = |text: &str| -> Vec<u8> {
            let bytes = text.as_bytes().chunks(2);
            bytes
                .map(|two| u8::from_str_radix(std::str::from_utf8(two).expect("text"), 16).expect("hex"))
                .collect()
        };
        let key = EncodingKey::from_secret(b"Jefe");
        let signed = signer(Algorithm::HS256, &key)
            .expect("a signer")
            .try_sign(b"what do ya want for nothing?");
        let expected = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(signed.expect("a signature"), expected);
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        let key = DecodingKey::from_ed_der(&public);
        let verifying = verifier(Algorithm::EdDSA, &key).expect("a verifier");
        assert!(verifying.verify(&[0x72], &signature).is_ok());
        assert!(verifying.verify(&[0x73], &signature).is_err());
    }
}
