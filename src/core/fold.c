#include "core/fold.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static enum err keep(struct arena *arena, uint8_t *text, size_t len, struct str *ret)
{
	if (text == NULL)
		return ERR_UNAVAILABLE;
	*ret = arena_copy(arena, str_bytes(text, len));
	explicit_bzero(text, len);
	free(text);
	return ret->data ? OK : ERR_UNAVAILABLE;
}

enum err fold_nfc(struct arena *arena, struct str text, struct str *ret)
{
	size_t len;
	if (!utf8_is_valid(text))
		return ERR_INVALID;
	if (utf8_is_ascii(text)) {
		*ret = arena_copy(arena, text);
		return ret->data ? OK : ERR_UNAVAILABLE;
	}
	uint8_t *normal =
		u8_normalize(UNINORM_NFC, (const uint8_t *)text.data, text.len, NULL, &len);
	return keep(arena, normal, len, ret);
}

enum err fold_text(struct arena *arena, struct str text, struct str *ret)
{
	size_t len, kept = 0;
	if (!utf8_is_valid(text))
		return ERR_INVALID;
	uint8_t *folded =
		u8_casefold((const uint8_t *)text.data, text.len, NULL, UNINORM_NFKD, NULL, &len);
	if (folded == NULL)
		return text.len == 0 ? keep(arena, calloc(1, 1), 0, ret) : ERR_UNAVAILABLE;
	for (size_t at = 0; at < len;) {
		ucs4_t code;
		int bytes = u8_mbtouc(&code, folded + at, len - at);
		if (!uc_is_general_category(code, UC_NON_SPACING_MARK)) {
			for (int i = 0; i < bytes; i++)
				folded[kept++] = folded[at + (size_t)i];
		}
		at += (size_t)bytes;
	}
	return keep(arena, folded, kept, ret);
}
