#include "crypto/token.h"

#include "base/random.h"

#include <sodium.h>
#include <string.h>

enum {
	TOKEN_BYTES = ID_BYTES + KEY_BYTES,
	TOKEN_BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};
_Static_assert(TOKEN_CHARS == TOKEN_BYTES / 3 * 4, "the picture in token.h");

enum { CODE_GROUPS = 5, CODE_GROUP_CHARS = 6, CODE_CHARS = CODE_GROUPS * CODE_GROUP_CHARS };
static const char code_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum err token_new(const struct id *id, struct token *ret)
{
	struct secret *secret;
	TRY(secret_random(&secret));
	*ret = (struct token){.id = *id, .secret = secret};
	return OK;
}

/* libsodium's decoder looks nothing up by a secret character, but version 1.0.18 takes some bytes
 * beyond ASCII for letters: those are refused here. The length leaves no bit unused, so that no two
 * texts mean the same bytes. */
static bool decode(struct str text, uint8_t bytes[TOKEN_BYTES])
{
	size_t len = 0;
	uint8_t seen = 0;
	if (text.len != TOKEN_CHARS)
		return false;
	for (size_t i = 0; i < TOKEN_CHARS; i++)
		seen |= (uint8_t)text.data[i];
	return seen < 0x80 &&
	       sodium_base642bin(bytes, TOKEN_BYTES, text.data, text.len, NULL, &len, NULL,
				 TOKEN_BASE64) == 0 &&
	       len == TOKEN_BYTES;
}

enum err token_parse(struct str text, struct token *ret)
{
	uint8_t bytes[TOKEN_BYTES];
	struct secret *secret = NULL;
	enum err err = decode(text, bytes)
			       ? secret_copy(str_bytes(bytes + ID_BYTES, KEY_BYTES), &secret)
			       : ERR_INVALID;
	if (err == OK)
		*ret = (struct token){.id = id_from_bytes(bytes), .secret = secret};
	sodium_memzero(bytes, sizeof(bytes));
	return err;
}

struct str token_text(const struct token *token, struct arena *arena)
{
	char *text = arena_alloc(arena, TOKEN_CHARS + 1);
	if (text == NULL)
		return STR_NONE;
	uint8_t bytes[TOKEN_BYTES];
	id_to_bytes(&token->id, bytes);
	memcpy(bytes + ID_BYTES, token->secret->bytes, KEY_BYTES);
	sodium_bin2base64(text, TOKEN_CHARS + 1, bytes, sizeof(bytes), TOKEN_BASE64);
	sodium_memzero(bytes, sizeof(bytes));
	return (struct str){text, TOKEN_CHARS};
}

void token_release(struct token *token)
{
	if (token == NULL)
		return;
	secret_free(token->secret);
	*token = (struct token){0};
}

struct str recovery_code_new(struct arena *arena)
{
	enum { TEXT_CHARS = CODE_CHARS + CODE_GROUPS - 1 };
	char *text = arena_alloc(arena, TEXT_CHARS + 1);
	if (text == NULL)
		return STR_NONE;
	uint8_t random[CODE_CHARS];
	random_fill(random, sizeof(random));
	size_t len = 0;
	for (size_t i = 0; i < CODE_CHARS; i++) {
		if (i > 0 && i % CODE_GROUP_CHARS == 0)
			text[len++] = '-';
		text[len++] = code_alphabet[random[i] & 31];
	}
	sodium_memzero(random, sizeof(random));
	return (struct str){text, len};
}

/* The character of the alphabet that a typed one stands for, or 0. */
static char code_char(char typed)
{
	if (typed >= 'a' && typed <= 'z')
		typed = (char)(typed - 'a' + 'A');
	if (typed == 'O')
		return '0';
	if (typed == 'I' || typed == 'L')
		return '1';
	return typed && strchr(code_alphabet, typed) ? typed : '\0';
}

static bool is_ignored(char typed)
{
	return typed == '-' || typed == ' ' || (typed >= '\t' && typed <= '\r');
}

enum err recovery_code_key(struct str typed, struct secret **ret)
{
	/* The label keeps this hash apart from every other one; 150 random bits need no slow hash.
	 */
	static const char label[] = "postern.recovery.1";
	char input[sizeof(label) - 1 + CODE_CHARS];
	memcpy(input, label, sizeof(label) - 1);
	size_t len = sizeof(label) - 1;
	enum err err = OK;
	for (size_t i = 0; err == OK && i < typed.len; i++) {
		if (is_ignored(typed.data[i]))
			continue;
		char c = code_char(typed.data[i]);
		if (c == '\0' || len == sizeof(input))
			err = ERR_INVALID;
		else
			input[len++] = c;
	}
	if (err == OK && len != sizeof(input))
		err = ERR_INVALID;
	struct secret *key;
	if (err == OK)
		err = secret_new(&key);
	if (err == OK) {
		crypto_generichash(key->bytes, KEY_BYTES, (const uint8_t *)input, sizeof(input),
				   NULL, 0);
		*ret = key;
	}
	sodium_memzero(input, sizeof(input));
	return err;
}
