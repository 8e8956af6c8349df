#include "base/id.h"

#include "base/random.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The value of each digit plus 1; 0: no digit. Lists parse thousands of ids. */
static const uint8_t digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,
	['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
	['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['M'] = 21,
	['N'] = 22, ['P'] = 23, ['Q'] = 24, ['R'] = 25, ['S'] = 26, ['T'] = 27, ['V'] = 28,
	['W'] = 29, ['X'] = 30, ['Y'] = 31, ['Z'] = 32,
};

struct id id_from_bytes(const uint8_t bytes[ID_BYTES])
{
	struct id id = {0};
	unsigned __int128 value = 0;
	for (int i = 0; i < ID_BYTES; i++)
		value = value << 8 | bytes[i];
	for (int i = ID_CHARS - 1; i >= 0; i--) {
		id.text[i] = alphabet[value & 31];
		value >>= 5;
	}
	return id;
}

void id_to_bytes(const struct id *id, uint8_t ret_bytes[ID_BYTES])
{
	unsigned __int128 value = 0;
	for (int i = 0; i < ID_CHARS && id->text[i]; i++)
		value = value << 5 | (digits[(uint8_t)id->text[i]] - 1u);
	for (int i = ID_BYTES - 1; i >= 0; i--) {
		ret_bytes[i] = (uint8_t)value;
		value >>= 8;
	}
}

struct id id_new(int64_t now_ms)
{
	uint8_t bytes[ID_BYTES];
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
	random_fill(bytes + 6, sizeof(bytes) - 6);
	return id_from_bytes(bytes);
}

enum err id_parse(struct str text, struct id *ret)
{
	if (text.len != ID_CHARS || text.data[0] > '7')
		return ERR_INVALID;
	struct id id = {0};
	for (size_t i = 0; i < ID_CHARS; i++) {
		if (digits[(uint8_t)text.data[i]] == 0)
			return ERR_INVALID;
		id.text[i] = text.data[i];
	}
	*ret = id;
	return OK;
}

bool id_eq(const struct id *a, const struct id *b)
{
	return strcmp(a->text, b->text) == 0;
}

bool id_is_empty(const struct id *id)
{
	return id->text[0] == '\0';
}

struct str id_str(const struct id *id)
{
	return str_of(id->text);
}

struct id id_first_at(int64_t ms)
{
	uint8_t bytes[ID_BYTES] = {0};
	uint64_t rest = ms > 0 ? (uint64_t)ms : 0;
	for (int i = 5; i >= 0; i--, rest >>= 8)
		bytes[i] = rest & 0xff;
	return id_from_bytes(bytes);
}

int64_t id_ms(const struct id *id)
{
	uint8_t bytes[ID_BYTES] = {0};
	int64_t ms = 0;
	if (!id_is_empty(id))
		id_to_bytes(id, bytes);
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | bytes[i];
	return ms;
}
