/* OpenSSL's own states, as only they can be put aside; it calls them deprecated, which is about its
 * API: the code behind them is that of EVP. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hashing.h"

#include <endian.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = SHA256_CBLOCK, STATE_WORDS = 8 };
_Static_assert(SHA256_STATE_BYTES == 4 * STATE_WORDS + 8 + BLOCK_BYTES,
	       "the sentence in hashing.h");

struct hashing {
	enum hash_kind kind;
	union {
		SHA256_CTX sha256;
		SHA_CTX sha1;
	} state;
};

static const struct {
	const char *word;
	size_t bytes;
} kinds[HASH_KINDS] = {
	[HASH_SHA256] = {"sha256", SHA256_DIGEST_LENGTH},
	[HASH_SHA1] = {"sha1", SHA_DIGEST_LENGTH},
};

const char *hash_kind_word(enum hash_kind kind)
{
	return kind < HASH_KINDS ? kinds[kind].word : NULL;
}

size_t hash_kind_bytes(enum hash_kind kind)
{
	return kind < HASH_KINDS ? kinds[kind].bytes : 0;
}

enum err hashing_new(enum hash_kind kind, struct hashing **ret)
{
	struct hashing *hashing = calloc(1, sizeof(*hashing));
	if (hashing == NULL)
		return ERR_UNAVAILABLE;
	hashing->kind = kind;
	if (kind == HASH_SHA1)
		SHA1_Init(&hashing->state.sha1);
	else
		SHA256_Init(&hashing->state.sha256);
	*ret = hashing;
	return OK;
}

void hashing_free(struct hashing *hashing)
{
	if (hashing == NULL)
		return;
	explicit_bzero(hashing, sizeof(*hashing));
	free(hashing);
}

void hashing_add(struct hashing *hashing, struct str bytes)
{
	if (bytes.len == 0)
		return;
	if (hashing->kind == HASH_SHA1)
		SHA1_Update(&hashing->state.sha1, bytes.data, bytes.len);
	else
		SHA256_Update(&hashing->state.sha256, bytes.data, bytes.len);
}

void hashing_result(const struct hashing *hashing, uint8_t ret[HASHING_MAX_BYTES])
{
	struct hashing copy = *hashing;
	memset(ret, 0, HASHING_MAX_BYTES);
	if (hashing->kind == HASH_SHA1)
		SHA1_Final(ret, &copy.state.sha1);
	else
		SHA256_Final(ret, &copy.state.sha256);
	explicit_bzero(&copy, sizeof(copy));
}

void hashing_save(const struct hashing *hashing, uint8_t ret[SHA256_STATE_BYTES])
{
	const SHA256_CTX *state = &hashing->state.sha256;
	const uint64_t bits = (uint64_t)state->Nh << 32 | state->Nl;
	const uint64_t bytes = htobe64(bits / 8);
	memset(ret, 0, SHA256_STATE_BYTES);
	if (hashing->kind != HASH_SHA256) /* a mistake of the caller: what no state is */
		return;
	for (size_t i = 0; i < STATE_WORDS; i++) {
		const uint32_t word = htobe32(state->h[i]);
		memcpy(ret + 4 * i, &word, sizeof(word));
	}
	memcpy(ret + 4 * STATE_WORDS, &bytes, sizeof(bytes));
	memcpy(ret + 4 * STATE_WORDS + sizeof(bytes), state->data, state->num);
}

/* Whether it is a state that hashing_save() writes: nothing behind what waits, and what nothing was
 * added to is as at the start. */
static bool is_state(const uint8_t *at, uint64_t bytes, const SHA256_CTX *fresh)
{
	const uint8_t *waiting = at + 4 * STATE_WORDS + 8;
	uint8_t behind = 0;
	bool is_fresh = true;
	for (size_t i = bytes % BLOCK_BYTES; i < BLOCK_BYTES; i++)
		behind |= waiting[i];
	for (size_t i = 0; i < STATE_WORDS; i++) {
		uint32_t word;
		memcpy(&word, at + 4 * i, sizeof(word));
		is_fresh = is_fresh && be32toh(word) == fresh->h[i];
	}
	return behind == 0 && bytes <= UINT64_MAX / 8 && (bytes >= BLOCK_BYTES || is_fresh);
}

enum err hashing_restore(struct str state, struct hashing **ret)
{
	struct hashing *hashing;
	uint64_t bytes;
	if (state.len != SHA256_STATE_BYTES)
		return ERR_CORRUPT;
	const uint8_t *at = (const uint8_t *)state.data;
	memcpy(&bytes, at + 4 * STATE_WORDS, sizeof(bytes));
	bytes = be64toh(bytes);
	TRY(hashing_new(HASH_SHA256, &hashing));
	SHA256_CTX *context = &hashing->state.sha256;
	if (!is_state(at, bytes, context)) {
		hashing_free(hashing);
		return ERR_CORRUPT;
	}
	for (size_t i = 0; i < STATE_WORDS; i++) {
		uint32_t word;
		memcpy(&word, at + 4 * i, sizeof(word));
		context->h[i] = be32toh(word);
	}
	context->Nl = (SHA_LONG)(bytes * 8);
	context->Nh = (SHA_LONG)(bytes >> 29);
	context->num = (unsigned)(bytes % BLOCK_BYTES);
	memcpy(context->data, at + 4 * STATE_WORDS + sizeof(bytes), context->num);
	*ret = hashing;
	return OK;
}
