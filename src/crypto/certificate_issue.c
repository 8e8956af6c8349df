/* Making certificates (RFC 5280). */
#include "base/limits.h"
#include "base/utf8.h"
#include "crypto/signing_key.h"

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_CHARS = 64, SERIAL_BYTES = 20, AUTHORITY_YEARS = 20 };

/* Extensions as OpenSSL's configuration writes them: nothing from outside is ever in these. */
struct extension {
	int nid;
	const char *value;
};
static const struct extension authority_extensions[] = {
	{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
	{NID_key_usage, "critical,keyCertSign"},
	{NID_subject_key_identifier, "hash"},
	{NID_authority_key_identifier, "keyid:always"}, /* itself: nobody can put another above */
};
/* Document signing by three names: RFC 9336, what Acrobat knows, and, for readers that know
 * neither (poppler's), protection of mail: then the certificate is good for the address in it. */
static const struct extension signer_extensions[] = {
	{NID_basic_constraints, "critical,CA:FALSE"},
	{NID_key_usage, "critical,digitalSignature,nonRepudiation"},
	{NID_ext_key_usage, "1.3.6.1.5.5.7.3.36,1.3.6.1.4.1.311.10.3.12,emailProtection"},
	{NID_subject_key_identifier, "hash"},
	{NID_authority_key_identifier, "keyid:always"},
};
static const char no_revocation_oid[] = "2.5.29.56"; /* RFC 9608; its value is NULL */

/* How readers show who has issued a certificate. */
static const char authority_of[] = "Authority of ";

static bool add_name_part(X509_NAME *name, int nid, struct str text)
{
	struct str part = utf8_first(text, NAME_MAX_CHARS);
	return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
					  (const unsigned char *)part.data, (int)part.len, -1, 0);
}

static enum err set_subject(X509 *certificate, struct str name, struct str organisation)
{
	if (name.len == 0 || organisation.len == 0 || !utf8_is_line(name) ||
	    !utf8_is_line(organisation))
		return ERR_INVALID;
	X509_NAME *subject = X509_get_subject_name(certificate);
	if (!add_name_part(subject, NID_organizationName, organisation) ||
	    !add_name_part(subject, NID_commonName, name))
		return openssl_failed("certificate.name", ERR_INTERNAL);
	return OK;
}

/* Positive and of 20 bytes at most (RFC 5280 4.1.2.2), which nobody can guess. */
static bool set_serial(X509 *certificate)
{
	unsigned char bytes[SERIAL_BYTES];
	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40;
	BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	bool is_set =
		number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
	BN_free(number);
	return is_set;
}

/* UTCTime until 2049, GeneralizedTime after (RFC 5280 4.1.2.5). */
static bool set_time(ASN1_TIME *to, int64_t at_ms, int days)
{
	return ASN1_TIME_adj(to, (time_t)(at_ms / 1000), days, 0) != NULL;
}

static enum err add_extensions(X509 *certificate, X509 *issuer, const struct extension *extensions,
			       size_t count)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	for (size_t i = 0; i < count; i++) {
		X509_EXTENSION *extension =
			X509V3_EXT_conf_nid(NULL, &context, extensions[i].nid, extensions[i].value);
		bool is_added = extension && X509_add_ext(certificate, extension, -1);
		X509_EXTENSION_free(extension);
		if (!is_added)
			return openssl_failed("certificate.extension", ERR_INTERNAL);
	}
	return OK;
}

static enum err add_no_revocation(X509 *certificate)
{
	static unsigned char null[] = {V_ASN1_NULL, 0};
	CLEANUP_OPENSSL(ASN1_OBJECT) *oid = OBJ_txt2obj(no_revocation_oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	bool is_added = oid && value && ASN1_OCTET_STRING_set(value, null, sizeof(null)) &&
			(extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value)) != NULL &&
			X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	return is_added ? OK : openssl_failed("certificate.extension", ERR_INTERNAL);
}

static bool set_mailbox(GENERAL_NAME *name, struct str address)
{
	bool is_ascii = utf8_is_ascii(address);
	ASN1_STRING *text = ASN1_STRING_type_new(is_ascii ? V_ASN1_IA5STRING : V_ASN1_UTF8STRING);
	if (text == NULL || !ASN1_STRING_set(text, address.data, (int)address.len)) {
		ASN1_STRING_free(text);
		return false;
	}
	if (is_ascii) {
		GENERAL_NAME_set0_value(name, GEN_EMAIL, text);
		return true;
	}
	ASN1_TYPE *value = ASN1_TYPE_new();
	if (value == NULL) {
		ASN1_STRING_free(text);
		return false;
	}
	ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
	if (GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_id_on_SmtpUTF8Mailbox), value))
		return true;
	ASN1_TYPE_free(value);
	return false;
}

static bool add_alternative_name(X509 *certificate, GENERAL_NAMES *names, struct str address)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	if (name == NULL || !set_mailbox(name, address) || !sk_GENERAL_NAME_push(names, name)) {
		GENERAL_NAME_free(name);
		return false;
	}
	return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
}

/* RFC 9598: an ASCII local part goes into rfc822Name, another one into SmtpUTF8Mailbox; the domain
 * is ASCII in both. */
static enum err add_address(X509 *certificate, struct str address)
{
	ptrdiff_t at = str_find_char(address, '@');
	if (address.len == 0)
		return OK;
	if (at <= 0 || !utf8_is_line(address) ||
	    !utf8_is_ascii(str_slice(address, (size_t)at, address.len)))
		return ERR_INVALID;
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	bool is_added = names && add_alternative_name(certificate, names, address);
	GENERAL_NAMES_free(names);
	return is_added ? OK : openssl_failed("certificate.address", ERR_INTERNAL);
}

static enum err new_pair(EVP_PKEY **ret_key, X509 **ret_certificate)
{
	CLEANUP_OPENSSL(EVP_PKEY) *key = EVP_EC_gen("P-256");
	CLEANUP_OPENSSL(X509) *certificate = X509_new();
	if (key == NULL || certificate == NULL || !X509_set_version(certificate, X509_VERSION_3) ||
	    !set_serial(certificate) || !X509_set_pubkey(certificate, key))
		return openssl_failed("certificate.not_made", ERR_UNAVAILABLE);
	*ret_key = key;
	*ret_certificate = certificate;
	key = NULL;
	certificate = NULL;
	return OK;
}

static enum err finish_authority(EVP_PKEY *key, X509 *certificate, struct str organisation,
				 int64_t now_ms)
{
	if (organisation.len == 0 || !utf8_is_line(organisation))
		return ERR_INVALID;
	char name[sizeof(authority_of) + 4 * NAME_MAX_CHARS];
	struct str whose = utf8_first(organisation, NAME_MAX_CHARS);
	int len = snprintf(name, sizeof(name), "%s%.*s", authority_of, STR_ARGS(whose));
	TRY(set_subject(certificate, str_bytes(name, (size_t)len), organisation));
	int days = AUTHORITY_YEARS * 365 + AUTHORITY_YEARS / 4;
	if (!X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) ||
	    !set_time(X509_getm_notBefore(certificate), now_ms - LIMIT_TIMESTAMP_SKEW_MS, 0) ||
	    !set_time(X509_getm_notAfter(certificate), now_ms, days))
		return openssl_failed("certificate.not_made", ERR_INTERNAL);
	TRY(add_extensions(certificate, certificate, authority_extensions,
			   sizeof(authority_extensions) / sizeof(authority_extensions[0])));
	if (!X509_sign(certificate, key, EVP_sha256()))
		return openssl_failed("certificate.not_signed", ERR_INTERNAL);
	return OK;
}

enum err signing_authority_new(struct str organisation, int64_t now_ms, struct signing_key **ret)
{
	CLEANUP_OPENSSL(EVP_PKEY) *key = NULL;
	CLEANUP_OPENSSL(X509) *certificate = NULL;
	CLEANUP_CERTIFICATES *above = sk_X509_new_null();
	if (above == NULL)
		return openssl_refused(ERR_UNAVAILABLE);
	TRY(new_pair(&key, &certificate));
	TRY(finish_authority(key, certificate, organisation, now_ms));
	return signing_key_take(&key, &certificate, &above, ret);
}

static enum err finish_signer(const struct signing_key *authority, X509 *certificate,
			      const struct signing_subject *subject, int64_t now_ms)
{
	TRY(set_subject(certificate, subject->name, subject->organisation));
	if (!X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate)) ||
	    !set_time(X509_getm_notBefore(certificate), now_ms - LIMIT_TIMESTAMP_SKEW_MS, 0) ||
	    !X509_set1_notAfter(certificate, X509_get0_notAfter(authority->certificate)))
		return openssl_failed("certificate.not_made", ERR_INTERNAL);
	TRY(add_extensions(certificate, authority->certificate, signer_extensions,
			   sizeof(signer_extensions) / sizeof(signer_extensions[0])));
	TRY(add_no_revocation(certificate));
	TRY(add_address(certificate, subject->address));
	if (!X509_sign(certificate, authority->private_key, EVP_sha256()))
		return openssl_failed("certificate.not_signed", ERR_INTERNAL);
	return OK;
}

/* What stands above a certificate that this key has signed. */
static enum err chain_from(const struct signing_key *authority, STACK_OF(X509) * *ret)
{
	CLEANUP_CERTIFICATES *above = X509_chain_up_ref(authority->above);
	if (above == NULL || !X509_up_ref(authority->certificate))
		return openssl_refused(ERR_UNAVAILABLE);
	if (!sk_X509_unshift(above, authority->certificate)) {
		X509_free(authority->certificate);
		return openssl_refused(ERR_UNAVAILABLE);
	}
	*ret = above;
	above = NULL;
	return OK;
}

/* Whether it may sign certificates at that time. */
static enum err check_authority(const struct signing_key *authority, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	if (X509_check_ca(authority->certificate) != 1 ||
	    X509_cmp_time(X509_get0_notBefore(authority->certificate), &now) > 0 ||
	    X509_cmp_time(X509_get0_notAfter(authority->certificate), &now) <= 0)
		return openssl_refused(ERR_DENIED);
	return OK;
}

enum err signing_key_issue(const struct signing_key *authority,
			   const struct signing_subject *subject, int64_t now_ms,
			   struct signing_key **ret)
{
	CLEANUP_OPENSSL(EVP_PKEY) *key = NULL;
	CLEANUP_OPENSSL(X509) *certificate = NULL;
	CLEANUP_CERTIFICATES *above = NULL;
	TRY(check_authority(authority, now_ms));
	TRY(new_pair(&key, &certificate));
	TRY(finish_signer(authority, certificate, subject, now_ms));
	TRY(chain_from(authority, &above));
	return signing_key_take(&key, &certificate, &above, ret);
}
