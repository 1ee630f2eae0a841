//! TLS settings: the trusted certificates.

use std::{io, sync::Arc};

use rustls::{ClientConfig, Error, RootCertStore, crypto::ring};

/// Trusts the certificate store of the machine. If it is empty, as in a minimal container, trusts the root
/// certificates of browsers as of the build.
pub fn config() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    // Certificates that cannot be read or parsed are skipped.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    // The database driver uses ring too, so that the program contains one cryptography library.
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Whether a request failed because the server certificate is not trusted. A retry would fail again.
pub fn is_distrust(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(Error::InvalidCertificate(_)) = error.downcast_ref() {
        return true;
    }
    // `source` of an I/O error skips the error that it wraps.
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(|error| Some(is_distrust(error.get_ref()?)));
    wrapped == Some(true) || error.source().is_some_and(is_distrust)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tls_configuration_has_trusted_certificates() {
        config().expect("a configuration");
    }

    #[test]
    fn untrusted_certificates_are_distinguished_from_broken_connections() {
        let distrust = Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert!(is_distrust(&io::Error::other(io::Error::other(distrust))));
        assert!(!is_distrust(&io::Error::other("reset")));
    }
}
