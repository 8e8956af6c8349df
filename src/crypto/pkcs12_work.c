#include "crypto/pkcs12_work.h"

enum { DEPTH_MAX = 8 };

struct work {
	const char *password;
	int password_len;
	bool goes_inside;
	int64_t rounds;
};

static void add(struct work *work, int64_t rounds)
{
	bool is_too_much = rounds < 0 || rounds > INT64_MAX - work->rounds;
	work->rounds = is_too_much ? INT64_MAX : work->rounds + rounds;
}

/* Saturates: what does not fit is no number of rounds that anybody has done. */
static int64_t number_of(const ASN1_INTEGER *integer)
{
	int64_t number;
	return ASN1_INTEGER_get_int64(&number, integer) ? number : INT64_MAX;
}

static void add_pbkdf2(struct work *work, const ASN1_TYPE *parameter)
{
	PBKDF2PARAM *pbkdf2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), parameter);
	add(work, pbkdf2 ? number_of(pbkdf2->iter) : 0);
	PBKDF2PARAM_free(pbkdf2);
}

/* RFC 8018 6.2 and 7.1: a way to make the key (PBKDF2, or one that costs memory too), and what it
 * is for. */
static void add_pbes2(struct work *work, const ASN1_TYPE *parameter)
{
	PBE2PARAM *pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameter);
	if (pbes2 == NULL)
		return;
	const ASN1_OBJECT *kind;
	const void *inner;
	int type;
	X509_ALGOR_get0(&kind, &type, &inner, pbes2->keyfunc);
	if (OBJ_obj2nid(kind) == NID_id_pbkdf2)
		add_pbkdf2(work, pbes2->keyfunc->parameter);
	else
		add(work, INT64_MAX);
	PBE2PARAM_free(pbes2);
}

static void add_algorithm(struct work *work, const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *kind;
	const void *value;
	int type;
	if (algorithm == NULL)
		return;
	X509_ALGOR_get0(&kind, &type, &value, algorithm);
	int nid = OBJ_obj2nid(kind);
	if (nid == NID_pbes2 || nid == NID_pbmac1) {
		add_pbes2(work, algorithm->parameter);
		return;
	}
	/* As PKCS#12 has it by itself: salt and rounds. */
	PBEPARAM *own = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
	add(work, own ? number_of(own->iter) : 0);
	PBEPARAM_free(own);
}

static void add_bags(struct work *work, const STACK_OF(PKCS12_SAFEBAG) * bags, int depth)
{
	if (depth > DEPTH_MAX)
		add(work, INT64_MAX);
	for (int i = 0; depth <= DEPTH_MAX && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		const X509_ALGOR *algorithm = NULL;
		const X509_SIG *key = PKCS12_SAFEBAG_get0_pkcs8(bag);
		if (key)
			X509_SIG_get0(key, &algorithm, NULL);
		add_algorithm(work, algorithm);
		if (PKCS12_SAFEBAG_get_nid(bag) == NID_safeContentsBag)
			add_bags(work, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
	}
}

static void add_safe(struct work *work, PKCS7 *safe)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	if (PKCS7_type_is_data(safe)) {
		bags = PKCS12_unpack_p7data(safe);
	} else if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted) {
		if (safe->d.encrypted->enc_data)
			add_algorithm(work, safe->d.encrypted->enc_data->algorithm);
		if (work->goes_inside)
			bags = PKCS12_unpack_p7encdata(safe, work->password, work->password_len);
	}
	add_bags(work, bags, 0);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

static void add_all(struct work *work, PKCS12 *file)
{
	const ASN1_INTEGER *rounds = NULL;
	const X509_ALGOR *mac = NULL;
	PKCS12_get0_mac(NULL, &mac, NULL, &rounds, file);
	add(work, rounds ? number_of(rounds) : 1);
	if (mac && OBJ_obj2nid(mac->algorithm) == NID_pbmac1)
		add_algorithm(work, mac);
	STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(file);
	for (int i = 0; i < sk_PKCS7_num(safes); i++)
		add_safe(work, sk_PKCS7_value(safes, i));
	sk_PKCS7_pop_free(safes, PKCS7_free);
}

int64_t pkcs12_work_outside(PKCS12 *file)
{
	struct work work = {.rounds = 0};
	add_all(&work, file);
	return work.rounds;
}

int64_t pkcs12_work(PKCS12 *file, const char *password, int password_len)
{
	struct work work = {
		.password = password, .password_len = password_len, .goes_inside = true};
	add_all(&work, file);
	return work.rounds;
}
