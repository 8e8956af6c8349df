#include "pdf/signature_contents.h"

/* As the number of a hexadecimal digit; -1: it is none. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Large letters or small ones: whoever writes both has changed a byte. */
static bool is_of_one_case(struct str hex)
{
	bool has_large = false, has_small = false;
	for (size_t i = 0; i < hex.len; i++) {
		has_large = has_large || (hex.data[i] >= 'A' && hex.data[i] <= 'F');
		has_small = has_small || (hex.data[i] >= 'a' && hex.data[i] <= 'f');
	}
	return !(has_large && has_small);
}

static bool decode(struct str hex, char *out)
{
	for (size_t i = 0; i < hex.len / 2; i++) {
		int high = digit(hex.data[2 * i]), low = digit(hex.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (char)(high << 4 | low);
	}
	return hex.len % 2 == 0 && is_of_one_case(hex);
}

static bool is_zero(struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] != '\0')
			return false;
	return true;
}

/* A DER value without what follows it: tag, length (definite), value. */
static struct str without_padding(struct str der)
{
	size_t head = 2, bytes = der.len > 1 ? (uint8_t)der.data[1] : 0;
	if (der.len < 2 || bytes == 0x80)
		return der;
	if (bytes > 0x80) {
		size_t count = bytes & 0x7f;
		if (count > 4 || der.len < 2 + count)
			return der;
		for (bytes = 0; head < 2 + count; head++)
			bytes = bytes << 8 | (uint8_t)der.data[head];
	}
	return bytes <= der.len - head ? str_slice(der, 0, head + bytes) : der;
}

/* What lies between the two parts of the range: "<hexadecimal digits>". */
static bool find_hole(struct str document, const int64_t range[4], struct str *ret)
{
	int64_t whole = (int64_t)document.len;
	if (range[0] != 0 || range[1] <= 0 || range[1] > whole || range[2] <= range[1] + 2 ||
	    range[2] > whole || range[3] < 0 || range[3] > whole - range[2])
		return false;
	struct str hole = str_slice(document, (size_t)range[1], (size_t)(range[2] - range[1]));
	if (hole.data[0] != '<' || hole.data[hole.len - 1] != '>')
		return false;
	*ret = str_slice(hole, 1, hole.len - 2);
	return true;
}

static enum err read_one(struct str document, struct arena *arena, struct pdf_signature *signature)
{
	struct str hex;
	signature->contents = STR_NONE;
	signature->covers_all = false;
	if (!find_hole(document, signature->range, &hex)) {
		signature->is_whole = false;
		return OK;
	}
	char *der = arena_alloc(arena, hex.len / 2 + 1);
	if (der == NULL)
		return ERR_UNAVAILABLE;
	if (!decode(hex, der)) {
		signature->is_whole = false;
		return OK;
	}
	struct str all = str_bytes(der, hex.len / 2);
	signature->contents = without_padding(all);
	/* No signature covers what pads it: nothing may be hidden there. */
	if (!is_zero(str_slice(all, signature->contents.len, all.len)))
		signature->is_whole = false;
	signature->covers_all = signature->range[2] + signature->range[3] == (int64_t)document.len;
	return OK;
}

enum err signature_contents(struct str document, struct arena *arena,
			    struct pdf_signatures *signatures)
{
	signatures->has_unsigned_end = true;
	for (size_t i = 0; i < signatures->count; i++) {
		TRY(read_one(document, arena, &signatures->items[i]));
		if (signatures->items[i].covers_all)
			signatures->has_unsigned_end = false;
	}
	return OK;
}
