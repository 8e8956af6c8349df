#include "crypto/timestamp.h"

#include "base/limits.h"
#include "crypto/chain.h"
#include "crypto/cms_frame.h"
#include "crypto/cms_parts.h"
#include "crypto/signing_key.h"

#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <string.h>

enum { NONCE_BYTES = 16 };

OPENSSL_CLEANUP(TS_REQ, TS_REQ_free)
OPENSSL_CLEANUP(TS_RESP, TS_RESP_free)
OPENSSL_CLEANUP(TS_VERIFY_CTX, TS_VERIFY_CTX_free)
OPENSSL_CLEANUP(TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
OPENSSL_CLEANUP(ASN1_INTEGER, ASN1_INTEGER_free)
OPENSSL_CLEANUP(X509_ALGOR, X509_ALGOR_free)

/* ---- asking ---- */

static bool set_imprint(TS_REQ *request, const uint8_t sha256[32])
{
	uint8_t digest[32];
	memcpy(digest, sha256, sizeof(digest));
	CLEANUP_OPENSSL(TS_MSG_IMPRINT) *imprint = TS_MSG_IMPRINT_new();
	CLEANUP_OPENSSL(X509_ALGOR) *algorithm = X509_ALGOR_new();
	return imprint && algorithm &&
	       X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
	       TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
	       TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof(digest)) &&
	       TS_REQ_set_msg_imprint(request, imprint);
}

static bool set_nonce(TS_REQ *request)
{
	unsigned char bytes[NONCE_BYTES];
	CLEANUP_OPENSSL(ASN1_INTEGER) *nonce = NULL;
	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* of 16 bytes, and positive */
	BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	nonce = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
	BN_free(number);
	return nonce && TS_REQ_set_nonce(request, nonce);
}

enum err timestamp_ask(const uint8_t sha256[32], struct arena *arena, struct str *ret)
{
	CLEANUP_OPENSSL(TS_REQ) *request = TS_REQ_new();
	if (request == NULL || !TS_REQ_set_version(request, 1) || !set_imprint(request, sha256) ||
	    !set_nonce(request) || !TS_REQ_set_cert_req(request, 1))
		return openssl_failed("timestamp.not_asked", ERR_INTERNAL);
	int len = i2d_TS_REQ(request, NULL);
	unsigned char *out = len > 0 ? arena_alloc(arena, (size_t)len) : NULL, *at = out;
	if (out == NULL || i2d_TS_REQ(request, &at) != len)
		return openssl_refused(ERR_UNAVAILABLE);
	*ret = str_bytes(out, (size_t)len);
	return OK;
}

/* ---- a token ---- */

struct token {
	PKCS7 *pkcs7;
	TS_TST_INFO *info;
	X509 *signer; /* borrowed */
	struct chain chain;
};

static void token_release(struct token *token)
{
	chain_release(&token->chain);
	TS_TST_INFO_free(token->info);
	PKCS7_free(token->pkcs7);
}
#define CLEANUP_TOKEN __attribute__((cleanup(token_release))) struct token

/* ERR_INVALID: it is none, or has no certificate of its signer. */
static enum err parse_token(struct str bytes, struct token *ret)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	if (bytes.len == 0 || bytes.len > LIMIT_CMS_BYTES)
		return ERR_INVALID;
	ret->pkcs7 = d2i_PKCS7(NULL, &at, (long)bytes.len);
	if (ret->pkcs7 == NULL || at != (const unsigned char *)bytes.data + bytes.len ||
	    !PKCS7_type_is_signed(ret->pkcs7) || ret->pkcs7->d.sign == NULL ||
	    sk_X509_num(ret->pkcs7->d.sign->cert) > CHAIN_LOOSE_MAX)
		return openssl_refused(ERR_INVALID);
	ret->info = PKCS7_to_TS_TST_INFO(ret->pkcs7);
	STACK_OF(X509) *signers = PKCS7_get0_signers(ret->pkcs7, NULL, 0);
	ret->signer = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
	sk_X509_free(signers);
	if (ret->info == NULL || ret->signer == NULL)
		return openssl_refused(ERR_INVALID);
	return OK;
}

/* Time stamps are read as PKCS #7, of which CMS came. */
static enum err check_frame(const struct token *token, struct str bytes)
{
	CLEANUP_OPENSSL(CMS_ContentInfo) *cms = NULL;
	CMS_SignerInfo *info;
	enum err err = cms_parse(bytes, &cms, &info);
	if (err != OK)
		return err == ERR_CORRUPT ? ERR_INVALID : err;
	const struct cms_frame frame = {bytes, info, token->signer, false};
	return openssl_refused(cms_frame_is_exact(&frame) ? OK : ERR_INVALID);
}

/* By a key that is strong, with a certificate for time stamps that was valid at that time and whose
 * issuers, so far as they came along, have signed it. */
static enum err check_genuine(struct token *token, struct str bytes, int64_t *ret_ms)
{
	int64_t at_ms, from_ms, until_ms;
	TRY(certificate_time_ms(TS_TST_INFO_get_time(token->info), &at_ms));
	TRY(chain_find(token->signer, token->pkcs7->d.sign->cert, X509_PURPOSE_TIMESTAMP_SIGN,
		       &token->chain));
	TRY(chain_times(&token->chain, &from_ms, &until_ms));
	EVP_PKEY *key = X509_get0_pubkey(token->signer);
	if (!token->chain.is_good || key == NULL || !chain_key_is_strong(key) || at_ms < from_ms ||
	    at_ms > until_ms)
		return openssl_refused(ERR_INVALID);
	CLEANUP_OPENSSL(X509_STORE) *store = NULL;
	TRY(chain_store(&token->chain, &store));
	/* Also that its attribute names the signer's certificate (RFC 5816). */
	if (TS_RESP_verify_signature(token->pkcs7, NULL, store, NULL) != 1)
		return openssl_refused(ERR_INVALID);
	TRY(check_frame(token, bytes));
	*ret_ms = at_ms;
	return OK;
}

/* ERR_INVALID: by no hash that counts today. */
static enum err is_of(const struct token *token, const struct str covered[2], bool *ret)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(token->info);
	const ASN1_OBJECT *algorithm;
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t len;
	X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
	TRY(cms_digest(OBJ_obj2nid(algorithm), covered, digest, &len));
	const ASN1_OCTET_STRING *stamped = TS_MSG_IMPRINT_get_msg(imprint);
	*ret = str_eq(str_bytes(digest, len), str_bytes(ASN1_STRING_get0_data(stamped),
							(size_t)ASN1_STRING_length(stamped)));
	return OK;
}

enum err timestamp_verify(struct str bytes, const struct str covered[2], struct arena *arena,
			  struct timestamp_facts *ret)
{
	CLEANUP_TOKEN token = {0};
	struct timestamp_facts facts = {.verdict = TIMESTAMP_BAD};
	struct certificate_facts signer, top;
	bool is_same = false;
	enum err err = parse_token(bytes, &token);
	if (err == OK)
		err = check_genuine(&token, bytes, &facts.at_ms);
	if (err == OK)
		err = is_of(&token, covered, &is_same);
	if (err == ERR_INVALID) {
		*ret = (struct timestamp_facts){.verdict = TIMESTAMP_BAD};
		return OK;
	}
	TRY(err);
	TRY(certificate_facts_of(token.signer, arena, &signer));
	TRY(certificate_facts_of(chain_top(&token.chain), arena, &top));
	TRY(openssl_refused(OK));
	facts.verdict = is_same ? TIMESTAMP_GOOD : TIMESTAMP_OF_ANOTHER;
	facts.by = signer.name;
	memcpy(facts.root_sha256, top.sha256, sizeof(facts.root_sha256));
	*ret = facts;
	return OK;
}

/* ---- an answer ----
 *
 *   TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken OPTIONAL }
 */

/* The token as it was sent: encoded anew it might differ from what was signed. */
static bool find_token(struct str response, struct str *ret)
{
	const unsigned char *at = (const unsigned char *)response.data;
	long len;
	int tag, class;
	if (ASN1_get_object(&at, &len, &tag, &class, (long)response.len) != V_ASN1_CONSTRUCTED)
		return false;
	const unsigned char *end = at + len;
	if (ASN1_get_object(&at, &len, &tag, &class, end - at) != V_ASN1_CONSTRUCTED)
		return false;
	at += len;
	*ret = str_bytes(at, (size_t)(end - at));
	return true;
}

/* Granted, of this version, for this digest and with this nonce. */
static enum err check_answer(struct str request_bytes, struct str response_bytes)
{
	const unsigned char *at = (const unsigned char *)request_bytes.data;
	CLEANUP_OPENSSL(TS_REQ) *request = d2i_TS_REQ(NULL, &at, (long)request_bytes.len);
	at = (const unsigned char *)response_bytes.data;
	CLEANUP_OPENSSL(TS_RESP) *response = d2i_TS_RESP(NULL, &at, (long)response_bytes.len);
	if (request == NULL || response == NULL ||
	    at != (const unsigned char *)response_bytes.data + response_bytes.len)
		return openssl_refused(ERR_INVALID);
	CLEANUP_OPENSSL(TS_VERIFY_CTX) *context = TS_REQ_to_TS_VERIFY_CTX(request, NULL);
	if (context == NULL)
		return openssl_refused(ERR_INVALID);
	/* Whether it is genuine is for check_genuine() to say. */
	TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
	return TS_RESP_verify_response(context, response) == 1 ? OK : openssl_refused(ERR_INVALID);
}

enum err timestamp_read(struct str request, struct str response, struct arena *arena,
			struct str *ret_token, int64_t *ret_ms)
{
	CLEANUP_TOKEN token = {0};
	struct str bytes;
	int64_t at_ms;
	if (request.len == 0 || response.len == 0 || response.len > LIMIT_TIMESTAMP_BYTES)
		return ERR_INVALID;
	TRY(check_answer(request, response));
	if (!find_token(response, &bytes))
		return ERR_INVALID;
	TRY(parse_token(bytes, &token));
	TRY(check_genuine(&token, bytes, &at_ms));
	*ret_token = arena_copy(arena, bytes);
	*ret_ms = at_ms;
	return arena->failed ? ERR_UNAVAILABLE : OK;
}
