#include "core/domain.h"

#include "base/utf8.h"

#include <idn2.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum { LABEL_MAX_BYTES = 63, DOMAIN_MAX_BYTES = 253 };

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

static void free_idn(uint8_t **bytes)
{
	idn2_free(*bytes);
}

/* Whether a character beyond ASCII may stand in an address: nothing that cannot be seen, and
 * nothing that has no agreed meaning. */
static bool is_visible(ucs4_t c)
{
	return !uc_is_property_default_ignorable_code_point(c) && !uc_is_property_white_space(c) &&
	       !uc_is_property_bidi_control(c) &&
	       !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z);
}

bool domain_is_visible(struct str s)
{
	const uint8_t *at = (const uint8_t *)s.data;
	size_t left = s.len;
	while (left > 0) {
		ucs4_t c;
		int used = u8_mbtouc(&c, at, left);
		if (c >= 0x80 && !is_visible(c))
			return false;
		at += used;
		left -= (size_t)used;
	}
	return true;
}

static bool is_label(struct str label)
{
	if (label.len == 0 || label.len > LABEL_MAX_BYTES || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		if (!str_is_alnum(label.data[i]) && label.data[i] != '-')
			return false;
	}
	return true;
}

static bool is_number(struct str label)
{
	for (size_t i = 0; i < label.len; i++) {
		if (label.data[i] < '0' || label.data[i] > '9')
			return false;
	}
	return true;
}

/* Letters, digits and hyphens in labels; a dot or "localhost"; not something like 192.0.2.1, whose
 * last label is a number. */
static bool is_domain(struct str domain)
{
	if (domain.len == 0 || domain.len > DOMAIN_MAX_BYTES || domain.data[domain.len - 1] == '.')
		return false;
	struct str rest = domain;
	struct str label = STR_NONE;
	size_t labels = 0;
	for (; str_next(&rest, '.', &label); labels++) {
		if (!is_label(label))
			return false;
	}
	return labels > 1 ? !is_number(label) : str_eq_nocase(domain, STR("localhost"));
}

static bool has_a_label(struct str domain)
{
	struct str label;
	while (str_next(&domain, '.', &label)) {
		if (str_eq_nocase(str_slice(label, 0, 4), STR("xn--")))
			return true;
	}
	return false;
}

/* Lower case character by character, NFC: what a domain is after the harmless part of the mapping
 * of UTS 46. */
static enum err lower_domain(struct arena *arena, struct str domain, struct str *ret)
{
	enum { BYTES_OF_ONE = 6 };
	__attribute__((cleanup(free_bytes))) uint8_t *composed = NULL;
	uint8_t *lower = arena_array(arena, domain.len + 1, BYTES_OF_ONE);
	size_t len = 0;
	size_t composed_len = 0;
	if (lower == NULL)
		return ERR_UNAVAILABLE;
	for (size_t at = 0; at < domain.len;) {
		ucs4_t c;
		at += (size_t)u8_mbtouc(&c, (const uint8_t *)domain.data + at, domain.len - at);
		len += (size_t)u8_uctomb(lower + len, uc_tolower(c), BYTES_OF_ONE);
	}
	composed = u8_normalize(UNINORM_NFC, lower, len, NULL, &composed_len);
	if (composed == NULL)
		return ERR_UNAVAILABLE;
	*ret = arena_copy(arena, str_bytes(composed, composed_len));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* Whether each label of `ascii` stands for the label that was typed, or was typed itself. libidn2
 * drops what it does not allow instead of refusing it: of "b\u00fc#cher" it makes the A-label of
 * "b\u00fccher". */
static enum err check_labels(struct arena *arena, struct str typed, struct str ascii)
{
	__attribute__((cleanup(free_idn))) uint8_t *decoded = NULL;
	struct str lower;
	struct str typed_label, ascii_label, decoded_label;
	TRY(lower_domain(arena, typed, &lower));
	if (idn2_to_unicode_8z8z(arena_cstr(arena, ascii), (char **)&decoded, 0) != IDN2_OK)
		return ERR_INVALID;
	struct str unicode = str_of((const char *)decoded);
	while (str_next(&lower, '.', &typed_label)) {
		if (!str_next(&ascii, '.', &ascii_label) ||
		    !str_next(&unicode, '.', &decoded_label))
			return ERR_INVALID;
		if (!str_eq(typed_label, decoded_label) && !str_eq(typed_label, ascii_label))
			return ERR_INVALID;
	}
	return ascii.data == NULL && unicode.data == NULL ? OK : ERR_INVALID;
}

/* IDNA 2008 with the mapping of UTS 46: letters of any script to A-labels, and A-labels checked by
 * going back. */
static enum err domain_to_ascii(struct arena *arena, struct str domain, struct str *ret)
{
	if (domain.len > DOMAIN_MAX_BYTES || !domain_is_visible(domain))
		return ERR_INVALID;
	__attribute__((cleanup(free_idn))) uint8_t *ascii = NULL;
	int result =
		idn2_lookup_u8((const uint8_t *)arena_cstr(arena, domain), &ascii,
			       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
	if (result == IDN2_MALLOC || arena->failed)
		return ERR_UNAVAILABLE;
	if (result != IDN2_OK)
		return ERR_INVALID;
	*ret = arena_copy(arena, str_of((const char *)ascii));
	return check_labels(arena, domain, *ret);
}

static struct str lower_ascii(struct arena *arena, struct str s)
{
	char *lower = arena_alloc(arena, s.len + 1);
	if (lower == NULL)
		return STR_NONE;
	for (size_t i = 0; i < s.len; i++)
		lower[i] = s.data[i] >= 'A' && s.data[i] <= 'Z' ? (char)(s.data[i] - 'A' + 'a')
								: s.data[i];
	return (struct str){lower, s.len};
}

enum err domain_normalise(struct arena *arena, struct str domain, struct str *ret)
{
	struct str ascii = domain;
	if (!utf8_is_ascii(domain) || has_a_label(domain))
		TRY(domain_to_ascii(arena, domain, &ascii));
	/* libidn2 lets "a..b" pass, so its answer is checked like any other. */
	if (!is_domain(ascii))
		return ERR_INVALID;
	*ret = lower_ascii(arena, ascii);
	return OK;
}

struct str domain_readable(struct arena *arena, struct str domain)
{
	__attribute__((cleanup(free_idn))) uint8_t *unicode = NULL;
	if (!has_a_label(domain) ||
	    idn2_to_unicode_8z8z(arena_cstr(arena, domain), (char **)&unicode, 0) != IDN2_OK)
		return domain;
	return arena_copy(arena, str_of((const char *)unicode));
}
