/* A key with its certificates out of a PKCS#12 file (RFC 7292), as authorities hand them out. */
#include "base/limits.h"
#include "crypto/chain.h"
#include "crypto/pkcs12_work.h"
#include "crypto/signing_key.h"

#include <openssl/err.h>
#include <string.h>

enum { PASSWORD_MAX_BYTES = 1024 };

static enum err refuse(enum pkcs12_refusal why, enum pkcs12_refusal *ret_refusal)
{
	*ret_refusal = why;
	return openssl_refused(ERR_INVALID);
}

/* ---- what may sign documents ---- */

/* Extended uses by which readers accept signatures of documents: document signing (RFC 9336, and
 * what Microsoft and Adobe call it), mail, any. */
static bool is_use_for_documents(const ASN1_OBJECT *use)
{
	static const char *const uses[] = {"1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12",
					   "1.2.840.113583.1.1.5", "1.3.6.1.5.5.7.3.4",
					   "2.5.29.37.0"};
	char text[64];
	if (OBJ_obj2txt(text, sizeof(text), use, 1) <= 0)
		return false;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (strcmp(text, uses[i]) == 0)
			return true;
	return false;
}

/* A certificate that names no uses may be used for everything (RFC 5280 4.2.1.3, 4.2.1.12). */
static bool may_sign_documents(X509 *certificate)
{
	if (X509_check_ca(certificate) != 0 ||
	    (X509_get_key_usage(certificate) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return false;
	EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	bool is_one = uses == NULL;
	for (int i = 0; !is_one && i < sk_ASN1_OBJECT_num(uses); i++)
		is_one = is_use_for_documents(sk_ASN1_OBJECT_value(uses, i));
	EXTENDED_KEY_USAGE_free(uses);
	return is_one;
}

static enum err check(EVP_PKEY *key, X509 *certificate, int64_t now_ms,
		      enum pkcs12_refusal *ret_refusal)
{
	int64_t from_ms, until_ms;
	if (EVP_PKEY_is_a(key, "RSA-PSS") || !chain_key_is_strong(key))
		return refuse(PKCS12_WEAK_KEY, ret_refusal);
	if (!may_sign_documents(certificate))
		return refuse(PKCS12_NOT_FOR_SIGNING, ret_refusal);
	if (certificate_time_ms(X509_get0_notBefore(certificate), &from_ms) != OK ||
	    certificate_time_ms(X509_get0_notAfter(certificate), &until_ms) != OK ||
	    until_ms <= now_ms)
		return refuse(PKCS12_EXPIRED, ret_refusal);
	if (from_ms > now_ms)
		return refuse(PKCS12_NOT_YET, ret_refusal);
	return OK;
}

/* ---- the file ---- */

/* Issuers in their order; what else lies in the file is left out. */
static enum err order_chain(X509 *certificate, STACK_OF(X509) * loose, STACK_OF(X509) * above)
{
	X509 *below = certificate;
	while (sk_X509_num(above) < SIGNING_CHAIN_MAX - 1 &&
	       X509_check_issued(below, below) != X509_V_OK) {
		X509 *issuer = NULL;
		for (int i = 0; issuer == NULL && i < sk_X509_num(loose); i++)
			if (X509_check_issued(sk_X509_value(loose, i), below) == X509_V_OK)
				issuer = sk_X509_value(loose, i);
		if (issuer == NULL)
			break;
		if (!X509_up_ref(issuer) || !sk_X509_push(above, issuer))
			return openssl_refused(ERR_UNAVAILABLE);
		below = issuer;
	}
	return openssl_refused(OK);
}

/* No password and an empty one are two things in PKCS#12; both are tried, in OpenSSL's order.
 * *ret: the right one, NULL with the length 0 for none. */
static bool find_password(PKCS12 *file, const char *password, const char **ret, int *ret_len)
{
	bool is_none = password[0] == '\0' && PKCS12_verify_mac(file, NULL, 0);
	*ret = is_none ? NULL : password;
	*ret_len = is_none ? 0 : (int)strlen(password);
	return is_none || PKCS12_verify_mac(file, password, -1);
}

static enum err parse(PKCS12 *file, const char *password, EVP_PKEY **ret_key,
		      X509 **ret_certificate, STACK_OF(X509) * *ret_loose,
		      enum pkcs12_refusal *ret_refusal)
{
	const char *right;
	int right_len;
	if (pkcs12_work_outside(file) > LIMIT_PKCS12_ROUNDS)
		return refuse(PKCS12_TOO_MUCH_WORK, ret_refusal);
	if (!find_password(file, password, &right, &right_len))
		return refuse(PKCS12_WRONG_PASSWORD, ret_refusal);
	if (pkcs12_work(file, right, right_len) > LIMIT_PKCS12_ROUNDS)
		return refuse(PKCS12_TOO_MUCH_WORK, ret_refusal);
	if (!PKCS12_parse(file, password, ret_key, ret_certificate, ret_loose))
		return refuse(PKCS12_OLD, ret_refusal);
	if (*ret_key == NULL || *ret_certificate == NULL)
		return refuse(PKCS12_NO_KEY, ret_refusal);
	return OK;
}

static enum err import(PKCS12 *file, const char *password, int64_t now_ms, struct signing_key **ret,
		       enum pkcs12_refusal *ret_refusal)
{
	CLEANUP_OPENSSL(EVP_PKEY) *key = NULL;
	CLEANUP_OPENSSL(X509) *certificate = NULL;
	CLEANUP_CERTIFICATES *loose = NULL;
	CLEANUP_CERTIFICATES *above = sk_X509_new_null();
	if (above == NULL)
		return openssl_refused(ERR_UNAVAILABLE);
	TRY(parse(file, password, &key, &certificate, &loose, ret_refusal));
	TRY(check(key, certificate, now_ms, ret_refusal));
	TRY(order_chain(certificate, loose, above));
	return signing_key_take(&key, &certificate, &above, ret);
}

static enum err read_file(struct str bytes, PKCS12 **ret, enum pkcs12_refusal *ret_refusal)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	if (bytes.len == 0 || bytes.len > LIMIT_PKCS12_BYTES)
		return refuse(PKCS12_NOT_ONE, ret_refusal);
	PKCS12 *file = d2i_PKCS12(NULL, &at, (long)bytes.len);
	if (file == NULL)
		return refuse(PKCS12_NOT_ONE, ret_refusal);
	if (!PKCS12_mac_present(file)) { /* nothing says whether it is whole */
		PKCS12_free(file);
		return refuse(PKCS12_NOT_ONE, ret_refusal);
	}
	*ret = file;
	return OK;
}

enum err signing_key_import(struct str pkcs12, struct str password, int64_t now_ms,
			    struct signing_key **ret, enum pkcs12_refusal *ret_refusal)
{
	char cstr[PASSWORD_MAX_BYTES + 1] = "";
	PKCS12 *file = NULL;
	if (password.len > PASSWORD_MAX_BYTES)
		return refuse(PKCS12_WRONG_PASSWORD, ret_refusal);
	TRY(read_file(pkcs12, &file, ret_refusal));
	if (password.len > 0)
		memcpy(cstr, password.data, password.len);
	enum err err = import(file, cstr, now_ms, ret, ret_refusal);
	explicit_bzero(cstr, sizeof(cstr));
	PKCS12_free(file);
	return err;
}
