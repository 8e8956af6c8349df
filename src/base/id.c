#include "base/id.h"

#include "base/random.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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
		value = value << 5 | (unsigned)(strchr(alphabet, id->text[i]) - alphabet);
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
		if (text.data[i] == '\0' || strchr(alphabet, text.data[i]) == NULL)
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
