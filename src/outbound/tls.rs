//! Whom to believe that they are who they say.

use std::{io, sync::Arc};

use rustls::{ClientConfig, Error, RootCertStore, crypto::ring};

/// Trusts what the machine trusts. On a machine that has no certificates, as in a bare container, those that browsers
/// trust, as of when the program was built.
pub fn config() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    // Some may be unreadable or of a form that nobody knows: the others count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    // The database's connections bring ring with them: there is one library of cryptography in the program.
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Whether a request failed because its server is not trusted: another try would not be better.
pub fn is_distrust(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(Error::InvalidCertificate(_)) = error.downcast_ref() {
        return true;
    }
    // An error of input and output passes over what it wraps when it is asked for its cause.
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(|error| Some(is_distrust(error.get_ref()?)));
    wrapped == Some(true) || error.source().is_some_and(is_distrust)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_somebody_to_trust() {
        config().expect("a configuration");
    }

    #[test]
    fn distrust_is_told_from_a_broken_line() {
        let distrust = Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert!(is_distrust(&io::Error::other(io::Error::other(distrust))));
        assert!(!is_distrust(&io::Error::other("reset")));
    }
}
