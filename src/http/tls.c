#include "http/tls.h"

#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 16, PATH_BYTES = 4096 };

struct certificate {
	struct certificate *older;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
	int64_t ends_ms; /* of the first of the chain; 0: not to be read */
};

struct tls {
	_Atomic(struct certificate *) current; /* the others hang on it */
	pthread_mutex_t reload_lock;
	char cert_path[PATH_BYTES];
	char key_path[PATH_BYTES];
};

static void certificate_free(struct certificate *certificate)
{
	for (unsigned i = 0; i < certificate->count; i++)
		gnutls_pcert_deinit(&certificate->chain[i]);
	if (certificate->key)
		gnutls_privkey_deinit(certificate->key);
	free(certificate);
}

static int load_chain(const char *path, struct certificate *certificate)
{
	gnutls_datum_t pem = {0};
	unsigned count = CHAIN_MAX;
	int rc = gnutls_load_file(path, &pem);
	if (rc >= 0)
		rc = gnutls_pcert_list_import_x509_raw(certificate->chain, &count, &pem,
						       GNUTLS_X509_FMT_PEM, 0);
	if (rc >= 0)
		certificate->count = count;
	gnutls_free(pem.data);
	return rc;
}

static int load_key(const char *path, struct certificate *certificate)
{
	gnutls_datum_t pem = {0};
	int rc = gnutls_load_file(path, &pem);
	if (rc >= 0)
		rc = gnutls_privkey_init(&certificate->key);
	if (rc >= 0)
		rc = gnutls_privkey_import_x509_raw(certificate->key, &pem, GNUTLS_X509_FMT_PEM,
						    NULL, 0);
	if (pem.data)
		explicit_bzero(pem.data, pem.size);
	gnutls_free(pem.data);
	return rc;
}

static int64_t read_end(const struct certificate *certificate)
{
	gnutls_x509_crt_t first = NULL;
	time_t end = -1;
	if (gnutls_x509_crt_init(&first) < 0)
		return 0;
	if (gnutls_x509_crt_import(first, &certificate->chain[0].cert, GNUTLS_X509_FMT_DER) >= 0)
		end = gnutls_x509_crt_get_expiration_time(first);
	gnutls_x509_crt_deinit(first);
	return end > 0 ? (int64_t)end * 1000 : 0;
}

/* Do the first certificate and the key belong together? */
static int check_pair(const struct certificate *certificate)
{
	unsigned char of_cert[64], of_key[64];
	size_t cert_len = sizeof(of_cert), key_len = sizeof(of_key);
	gnutls_pubkey_t public = NULL;
	int rc = gnutls_pubkey_init(&public);
	if (rc >= 0)
		rc = gnutls_pubkey_get_key_id(certificate->chain[0].pubkey, 0, of_cert, &cert_len);
	if (rc >= 0)
		rc = gnutls_pubkey_import_privkey(public, certificate->key, 0, 0);
	if (rc >= 0)
		rc = gnutls_pubkey_get_key_id(public, 0, of_key, &key_len);
	if (rc >= 0 && (cert_len != key_len || memcmp(of_cert, of_key, key_len) != 0))
		rc = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
	if (public)
		gnutls_pubkey_deinit(public);
	return rc;
}

static enum err certificate_load(const struct tls *tls, struct certificate **ret)
{
	struct certificate *certificate = calloc(1, sizeof(*certificate));
	if (certificate == NULL)
		return ERR_UNAVAILABLE;
	int rc = load_chain(tls->cert_path, certificate);
	if (rc >= 0)
		rc = load_key(tls->key_path, certificate);
	if (rc >= 0)
		rc = check_pair(certificate);
	if (rc < 0) {
		log_event(LOG_ERROR, "tls.certificate_unusable", LOG_CSTR("cert", tls->cert_path),
			  LOG_CSTR("key", tls->key_path), LOG_CSTR("cause", gnutls_strerror(rc)));
		certificate_free(certificate);
		return ERR_INVALID;
	}
	certificate->ends_ms = read_end(certificate);
	*ret = certificate;
	return OK;
}

static enum err copy_path(struct str path, char ret[PATH_BYTES])
{
	if (path.len == 0 || path.len >= PATH_BYTES)
		return ERR_INVALID;
	memcpy(ret, path.data, path.len);
	ret[path.len] = '\0';
	return OK;
}

enum err tls_reload(struct tls *tls)
{
	struct certificate *fresh;
	TRY(certificate_load(tls, &fresh));
	pthread_mutex_lock(&tls->reload_lock);
	fresh->older = tls->current;
	tls->current = fresh;
	pthread_mutex_unlock(&tls->reload_lock);
	return OK;
}

enum err tls_load(struct str cert_path, struct str key_path, struct tls **ret)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	if (tls == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&tls->reload_lock, NULL);
	enum err err = copy_path(cert_path, tls->cert_path);
	if (err == OK)
		err = copy_path(key_path, tls->key_path);
	if (err == OK)
		err = tls_reload(tls);
	if (err != OK) {
		tls_free(tls);
		return err;
	}
	*ret = tls;
	return OK;
}

void tls_current(const struct tls *tls, gnutls_pcert_st **ret_chain, unsigned *ret_count,
		 gnutls_privkey_t *ret_key)
{
	struct certificate *certificate = tls->current;
	*ret_chain = certificate->chain;
	*ret_count = certificate->count;
	*ret_key = certificate->key;
}

int64_t tls_ends_ms(const struct tls *tls)
{
	return tls->current->ends_ms;
}

void tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	struct certificate *certificate = tls->current;
	while (certificate) {
		struct certificate *older = certificate->older;
		certificate_free(certificate);
		certificate = older;
	}
	pthread_mutex_destroy(&tls->reload_lock);
	free(tls);
}
