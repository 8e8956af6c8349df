/* What a certificate says, for people. */
#include "base/limits.h"
#include "base/utf8.h"
#include "crypto/signing_key.h"

#include <openssl/pem.h>
#include <string.h>

static enum err text_of(const ASN1_STRING *string, struct arena *arena, struct str *ret)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, string);
	struct str text = len > 0 ? str_bytes(utf8, (size_t)len) : STR_NONE;
	*ret = utf8_is_valid(text) ? arena_copy(arena, text) : STR_NONE;
	OPENSSL_free(utf8);
	if (len < 0)
		TRY(openssl_refused(OK));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

static enum err part_of_name(const X509_NAME *name, int nid, struct arena *arena, struct str *ret)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	*ret = STR_NONE;
	if (at < 0)
		return OK;
	return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)), arena, ret);
}

static enum err label_of_name(const X509_NAME *name, struct arena *arena, struct str *ret)
{
	static const int nids[] = {NID_commonName, NID_organizationName,
				   NID_organizationalUnitName};
	for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
		TRY(part_of_name(name, nids[i], arena, ret));
		if (!str_is_empty(*ret))
			return OK;
	}
	return OK;
}

/* The string of a general name that is an e-mail address, else NULL. */
static const ASN1_STRING *mailbox_of(const GENERAL_NAME *name)
{
	if (name->type == GEN_EMAIL)
		return name->d.rfc822Name;
	if (name->type == GEN_OTHERNAME &&
	    OBJ_obj2nid(name->d.otherName->type_id) == NID_id_on_SmtpUTF8Mailbox &&
	    name->d.otherName->value->type == V_ASN1_UTF8STRING)
		return name->d.otherName->value->value.utf8string;
	return NULL;
}

static enum err address_of(X509 *certificate, struct arena *arena, struct str *ret)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	enum err err = OK;
	*ret = STR_NONE;
	for (int i = 0; err == OK && str_is_empty(*ret) && i < sk_GENERAL_NAME_num(names); i++) {
		const ASN1_STRING *mailbox = mailbox_of(sk_GENERAL_NAME_value(names, i));
		if (mailbox)
			err = text_of(mailbox, arena, ret);
	}
	GENERAL_NAMES_free(names);
	TRY(err);
	if (!str_is_empty(*ret))
		return openssl_refused(OK);
	return part_of_name(X509_get_subject_name(certificate), NID_pkcs9_emailAddress, arena, ret);
}

enum err certificate_time_ms(const ASN1_TIME *time, int64_t *ret_ms)
{
	int days, seconds;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	if (epoch == NULL)
		return ERR_UNAVAILABLE;
	bool is_time = ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
	ASN1_TIME_free(epoch);
	if (!is_time)
		return openssl_refused(ERR_INVALID);
	*ret_ms = ((int64_t)days * 86400 + seconds) * 1000;
	return OK;
}

enum err certificate_facts_of(X509 *certificate, struct arena *arena, struct certificate_facts *ret)
{
	struct certificate_facts facts = {0};
	unsigned int len = sizeof(facts.sha256);
	const X509_NAME *subject = X509_get_subject_name(certificate);
	TRY(label_of_name(subject, arena, &facts.name));
	TRY(part_of_name(subject, NID_organizationName, arena, &facts.organisation));
	TRY(address_of(certificate, arena, &facts.address));
	TRY(label_of_name(X509_get_issuer_name(certificate), arena, &facts.issuer));
	enum err err = certificate_time_ms(X509_get0_notBefore(certificate), &facts.from_ms);
	if (err == OK)
		err = certificate_time_ms(X509_get0_notAfter(certificate), &facts.until_ms);
	if (err == ERR_INVALID) /* never valid */
		facts.from_ms = facts.until_ms = 0;
	else
		TRY(err);
	if (!X509_digest(certificate, EVP_sha256(), facts.sha256, &len))
		return openssl_refused(ERR_UNAVAILABLE);
	*ret = facts;
	return OK;
}

enum err signing_key_facts(const struct signing_key *key, struct arena *arena,
			   struct certificate_facts *ret)
{
	return certificate_facts_of(key->certificate, arena, ret);
}

enum err certificate_read_facts(struct str bytes, struct arena *arena,
				struct certificate_facts *ret)
{
	CLEANUP_OPENSSL(X509) *certificate = NULL;
	enum err err = certificate_parse(bytes, &certificate);
	if (err == ERR_CORRUPT && bytes.len <= LIMIT_PKCS12_BYTES) {
		CLEANUP_OPENSSL(BIO) *bio = BIO_new_mem_buf(bytes.data, (int)bytes.len);
		certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
		err = certificate ? OK : openssl_refused(ERR_INVALID);
	}
	TRY(err);
	return certificate_facts_of(certificate, arena, ret);
}
