#include "crypto/certificate.h"

#include "base/utf8.h"
#include "crypto/signing_key.h"

#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1, LENGTH_BYTES = 4, PART_MAX_BYTES = 64 * 1024 };

enum err signing_key_take(EVP_PKEY **private_key, X509 **certificate, STACK_OF(X509) * *above,
			  struct signing_key **ret)
{
	struct signing_key *key = calloc(1, sizeof(*key));
	if (key == NULL)
		return ERR_UNAVAILABLE;
	*key = (struct signing_key){*private_key, *certificate, *above};
	*private_key = NULL;
	*certificate = NULL;
	*above = NULL;
	*ret = key;
	return OK;
}

void signing_key_free(struct signing_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->private_key);
	X509_free(key->certificate);
	sk_X509_pop_free(key->above, X509_free);
	free(key);
}

/* ---- as bytes ---- */

static void put_length(char *to, size_t length)
{
	for (int i = 0; i < LENGTH_BYTES; i++)
		to[i] = (char)(uint8_t)(length >> (8 * (LENGTH_BYTES - 1 - i)));
}

static size_t certificate_bytes(X509 *certificate)
{
	int bytes = i2d_X509(certificate, NULL);
	return bytes > 0 && bytes <= PART_MAX_BYTES ? (size_t)bytes : 0;
}

/* 0: it failed. */
static size_t put_certificate(X509 *certificate, char *to)
{
	unsigned char *at = (unsigned char *)to + LENGTH_BYTES;
	size_t bytes = certificate_bytes(certificate);
	if (bytes == 0 || i2d_X509(certificate, &at) != (int)bytes)
		return 0;
	put_length(to, bytes);
	return LENGTH_BYTES + bytes;
}

static enum err write_parts(const struct signing_key *key, PKCS8_PRIV_KEY_INFO *pkcs8,
			    struct arena *arena, struct str *ret)
{
	int key_bytes = i2d_PKCS8_PRIV_KEY_INFO(pkcs8, NULL), count = sk_X509_num(key->above);
	if (key_bytes <= 0 || key_bytes > PART_MAX_BYTES || count >= SIGNING_CHAIN_MAX)
		return ERR_INTERNAL;
	size_t room = 2 + LENGTH_BYTES + (size_t)key_bytes + LENGTH_BYTES +
		      certificate_bytes(key->certificate);
	for (int i = 0; i < count; i++)
		room += LENGTH_BYTES + certificate_bytes(sk_X509_value(key->above, i));
	char *out = arena_alloc(arena, room), *at = out;
	if (out == NULL)
		return ERR_UNAVAILABLE;
	*at++ = FORMAT;
	*at++ = (char)(1 + count);
	put_length(at, (size_t)key_bytes);
	at += LENGTH_BYTES;
	if (i2d_PKCS8_PRIV_KEY_INFO(pkcs8, (unsigned char **)&at) != key_bytes)
		return openssl_failed("certificate.not_written", ERR_INTERNAL);
	for (int i = -1; i < count; i++) {
		X509 *one = i < 0 ? key->certificate : sk_X509_value(key->above, i);
		size_t bytes = put_certificate(one, at);
		if (bytes == 0)
			return openssl_failed("certificate.not_written", ERR_INTERNAL);
		at += bytes;
	}
	*ret = str_bytes(out, room);
	return OK;
}

enum err signing_key_write(const struct signing_key *key, struct arena *arena, struct str *ret)
{
	PKCS8_PRIV_KEY_INFO *pkcs8 = EVP_PKEY2PKCS8(key->private_key);
	if (pkcs8 == NULL)
		return openssl_failed("certificate.not_written", ERR_INTERNAL);
	enum err err = write_parts(key, pkcs8, arena, ret);
	PKCS8_PRIV_KEY_INFO_free(pkcs8); /* wipes */
	return err;
}

static bool next_part(struct str *bytes, struct str *ret)
{
	size_t length = 0;
	if (bytes->len < LENGTH_BYTES)
		return false;
	for (int i = 0; i < LENGTH_BYTES; i++)
		length = length << 8 | (uint8_t)bytes->data[i];
	if (length == 0 || length > PART_MAX_BYTES || length > bytes->len - LENGTH_BYTES)
		return false;
	*ret = str_slice(*bytes, LENGTH_BYTES, length);
	*bytes = str_slice(*bytes, LENGTH_BYTES + length, bytes->len);
	return true;
}

enum err certificate_parse(struct str bytes, X509 **ret)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	if (bytes.len == 0 || bytes.len > PART_MAX_BYTES)
		return ERR_CORRUPT;
	CLEANUP_OPENSSL(X509) *certificate = d2i_X509(NULL, &at, (long)bytes.len);
	if (certificate == NULL || at != (const unsigned char *)bytes.data + bytes.len)
		return openssl_refused(ERR_CORRUPT);
	*ret = certificate;
	certificate = NULL;
	return OK;
}

static enum err read_private_key(struct str bytes, EVP_PKEY **ret)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	PKCS8_PRIV_KEY_INFO *pkcs8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)bytes.len);
	bool is_all = at == (const unsigned char *)bytes.data + bytes.len;
	EVP_PKEY *key = pkcs8 && is_all ? EVP_PKCS82PKEY(pkcs8) : NULL;
	PKCS8_PRIV_KEY_INFO_free(pkcs8);
	if (key == NULL)
		return openssl_refused(ERR_CORRUPT);
	*ret = key;
	return OK;
}

static enum err read_above(struct str bytes, int count, STACK_OF(X509) * above)
{
	for (int i = 0; i < count; i++) {
		struct str part;
		X509 *one;
		if (!next_part(&bytes, &part))
			return ERR_CORRUPT;
		TRY(certificate_parse(part, &one));
		if (!sk_X509_push(above, one)) {
			X509_free(one);
			return ERR_UNAVAILABLE;
		}
	}
	return bytes.len == 0 ? OK : ERR_CORRUPT;
}

enum err signing_key_read(struct str bytes, struct signing_key **ret)
{
	struct str key_part, part;
	if (bytes.len < 2 || bytes.data[0] != FORMAT || bytes.data[1] < 1 ||
	    bytes.data[1] > SIGNING_CHAIN_MAX)
		return ERR_CORRUPT;
	int above_count = bytes.data[1] - 1;
	bytes = str_slice(bytes, 2, bytes.len);
	if (!next_part(&bytes, &key_part) || !next_part(&bytes, &part))
		return ERR_CORRUPT;
	CLEANUP_OPENSSL(EVP_PKEY) *private_key = NULL;
	CLEANUP_OPENSSL(X509) *certificate = NULL;
	CLEANUP_CERTIFICATES *above = sk_X509_new_null();
	if (above == NULL)
		return openssl_refused(ERR_UNAVAILABLE);
	TRY(certificate_parse(part, &certificate));
	TRY(read_private_key(key_part, &private_key));
	TRY(read_above(bytes, above_count, above));
	if (X509_check_private_key(certificate, private_key) != 1)
		return openssl_refused(ERR_CORRUPT);
	return signing_key_take(&private_key, &certificate, &above, ret);
}

enum err signing_key_certificate(const struct signing_key *key, struct arena *arena,
				 struct str *ret)
{
	size_t bytes = certificate_bytes(key->certificate);
	unsigned char *out = bytes ? arena_alloc(arena, bytes) : NULL, *at = out;
	if (out == NULL || i2d_X509(key->certificate, &at) != (int)bytes)
		return openssl_refused(ERR_UNAVAILABLE);
	*ret = str_bytes(out, bytes);
	return OK;
}

enum err certificate_pem(struct str der, struct arena *arena, struct str *ret)
{
	CLEANUP_OPENSSL(X509) *certificate = NULL;
	CLEANUP_OPENSSL(BIO) *bio = BIO_new(BIO_s_mem());
	char *text;
	TRY(certificate_parse(der, &certificate));
	if (bio == NULL || !PEM_write_bio_X509(bio, certificate))
		return openssl_failed("certificate.not_written", ERR_UNAVAILABLE);
	long len = BIO_get_mem_data(bio, &text);
	*ret = arena_copy(arena, str_bytes(text, (size_t)len));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}
