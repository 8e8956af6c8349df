#include "core/address.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>
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

static bool is_ascii_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* Whether a character beyond ASCII may stand in an address: nothing that cannot be seen, and
 * nothing that has no agreed meaning. */
static bool is_visible(ucs4_t c)
{
	return !uc_is_property_default_ignorable_code_point(c) && !uc_is_property_white_space(c) &&
	       !uc_is_property_bidi_control(c) &&
	       !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z);
}

static bool is_visible_text(struct str s)
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

/* RFC 5322 3.2.3 atext, and everything beyond ASCII (RFC 6531 3.3). */
static bool is_atom_byte(char c)
{
	return is_ascii_letter_or_digit(c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Words of at least one character, parted by single dots. */
static bool is_dot_atom(struct str s)
{
	char before = '.';
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];
		if (c == '.' ? before == '.' : !is_atom_byte(c))
			return false;
		before = c;
	}
	return before != '.';
}

/* Look-alikes that Unicode itself calls compatible with plain letters (full-width, superscript ...)
 * are refused, so that two addresses that read the same are the same. */
static bool is_compatible(struct str s)
{
	__attribute__((cleanup(free_bytes))) uint8_t *plain = NULL;
	__attribute__((cleanup(free_bytes))) uint8_t *composed = NULL;
	size_t plain_len = 0;
	size_t composed_len = 0;
	plain = u8_normalize(UNINORM_NFKC, (const uint8_t *)s.data, s.len, NULL, &plain_len);
	composed = u8_normalize(UNINORM_NFC, (const uint8_t *)s.data, s.len, NULL, &composed_len);
	return plain && composed && plain_len == composed_len &&
	       memcmp(plain, composed, plain_len) == 0;
}

/* The local part as it is compared: case-folded, NFC. */
static enum err fold_local(struct arena *arena, struct str local, struct str *ret)
{
	if (local.len == 0 || local.len > LIMIT_LOCAL_PART_BYTES || !is_dot_atom(local))
		return ERR_INVALID;
	if (!is_ascii(local) && (!is_visible_text(local) || !is_compatible(local)))
		return ERR_INVALID;
	__attribute__((cleanup(free_bytes))) uint8_t *folded = NULL;
	size_t len = 0;
	folded = u8_casefold((const uint8_t *)local.data, local.len, NULL, UNINORM_NFC, NULL, &len);
	if (folded == NULL)
		return ERR_UNAVAILABLE;
	/* Folding can turn one character into three, and what is stored must be an address again.
	 */
	if (len > LIMIT_LOCAL_PART_BYTES)
		return ERR_INVALID;
	*ret = arena_copy(arena, str_bytes(folded, len));
	return OK;
}

static bool is_label(struct str label)
{
	if (label.len == 0 || label.len > LABEL_MAX_BYTES || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		if (!is_ascii_letter_or_digit(label.data[i]) && label.data[i] != '-')
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

/* IDNA 2008 with the mapping of UTS 46: letters of any script to A-labels, and A-labels checked by
 * going back. */
static enum err domain_to_ascii(struct arena *arena, struct str domain, struct str *ret)
{
	if (domain.len > DOMAIN_MAX_BYTES || !is_visible_text(domain))
		return ERR_INVALID;
	__attribute__((cleanup(free_idn))) uint8_t *ascii = NULL;
	int result =
		idn2_lookup_u8((const uint8_t *)arena_cstr(arena, domain), &ascii,
			       IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
	if (result == IDN2_MALLOC)
		return ERR_UNAVAILABLE;
	if (result != IDN2_OK)
		return ERR_INVALID;
	*ret = arena_copy(arena, str_of((const char *)ascii));
	return OK;
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

static enum err normalise_domain(struct arena *arena, struct str domain, struct str *ret)
{
	struct str ascii = domain;
	if (!is_ascii(domain) || has_a_label(domain))
		TRY(domain_to_ascii(arena, domain, &ascii));
	/* libidn2 lets "a..b" pass, so its answer is checked like any other. */
	if (!is_domain(ascii))
		return ERR_INVALID;
	*ret = lower_ascii(arena, ascii);
	return OK;
}

static enum err parse_mailbox(struct arena *arena, struct str typed, struct address *ret)
{
	ptrdiff_t at = -1;
	for (size_t i = 0; i < typed.len && typed.len <= LIMIT_ADDRESS_BYTES; i++) {
		if (typed.data[i] == '@')
			at = (ptrdiff_t)i;
	}
	if (at < 0 || !utf8_is_line(typed))
		return ERR_INVALID;
	struct str local;
	struct str domain;
	TRY(fold_local(arena, str_slice(typed, 0, (size_t)at), &local));
	TRY(normalise_domain(arena, str_slice(typed, (size_t)at + 1, typed.len), &domain));
	struct str key = arena_printf(arena, "%.*s@%.*s", STR_ARGS(local), STR_ARGS(domain));
	if (arena->failed)
		return ERR_UNAVAILABLE;
	if (key.len > LIMIT_ADDRESS_BYTES)
		return ERR_INVALID;
	*ret = (struct address){
		.text = arena_copy(arena, typed),
		.key = key,
		.domain = str_slice(key, local.len + 1, domain.len),
	};
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* "Anna \"Ann\" B" without its quotes and backslashes. */
static struct str unquote(struct arena *arena, struct str quoted)
{
	char *plain = arena_alloc(arena, quoted.len + 1);
	size_t len = 0;
	if (plain == NULL)
		return STR_NONE;
	for (size_t i = 1; i + 1 < quoted.len; i++) {
		if (quoted.data[i] == '\\' && i + 2 < quoted.len)
			i++;
		plain[len++] = quoted.data[i];
	}
	return str_trim((struct str){plain, len});
}

/* The display name. One that looks like an address itself is dropped: shown alone it would pass for
 * another person. */
static struct str display_name(struct arena *arena, struct str typed)
{
	struct str name = str_trim(typed);
	if (name.len >= 2 && name.data[0] == '"' && name.data[name.len - 1] == '"')
		name = unquote(arena, name);
	if (str_find_char(name, '@') >= 0 || !utf8_is_line(name))
		return STR_NONE;
	return arena_copy(arena, utf8_first(name, LIMIT_NAME_CHARS));
}

enum err address_parse(struct arena *arena, struct str typed, struct address *ret)
{
	struct str text = str_trim(typed);
	if (text.len == 0 || text.data[text.len - 1] != '>')
		return parse_mailbox(arena, text, ret);
	size_t open = text.len;
	while (open > 0 && text.data[open - 1] != '<')
		open--;
	if (open == 0)
		return ERR_INVALID;
	TRY(parse_mailbox(arena, str_trim(str_slice(text, open, text.len - open - 1)), ret));
	ret->name = display_name(arena, str_slice(text, 0, open - 1));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* Cuts the next part off at , ; or a line end outside quotes and <>. An open quote or < ends with
 * its line, so that one slip does not swallow the rest of the list. False when nothing is left. */
static bool next_part(struct str *rest, struct str *ret_part)
{
	bool is_quoted = false;
	bool is_in_angle = false;
	if (rest->len == 0)
		return false;
	size_t end = 0;
	for (; end < rest->len; end++) {
		char c = rest->data[end];
		if (c == '\n' || (!is_quoted && !is_in_angle && (c == ',' || c == ';')))
			break;
		if (is_quoted && c == '\\' && end + 1 < rest->len && rest->data[end + 1] == '"')
			end++;
		else if (c == '"' && !is_in_angle)
			is_quoted = !is_quoted;
		else if (c == '<' && !is_quoted)
			is_in_angle = true;
		else if (c == '>')
			is_in_angle = false;
	}
	*ret_part = str_trim(str_slice(*rest, 0, end));
	*rest = str_slice(*rest, end + 1, rest->len);
	return true;
}

static size_t count_parts(struct str typed)
{
	struct str part;
	size_t count = 0;
	while (next_part(&typed, &part))
		count += part.len > 0;
	return count;
}

enum err address_parse_list(struct arena *arena, struct str typed, size_t max, struct address **ret,
			    size_t *ret_count)
{
	size_t count = count_parts(typed);
	if (count > max)
		return ERR_TOO_LARGE;
	struct address *list = ARENA_ARRAY(arena, count + 1, struct address);
	if (list == NULL)
		return ERR_UNAVAILABLE;
	size_t used = 0;
	struct str part;
	while (next_part(&typed, &part)) {
		if (part.len == 0)
			continue;
		enum err err = address_parse(arena, part, &list[used]);
		if (err == ERR_INVALID)
			list[used] = (struct address){.text = part};
		else
			TRY(err);
		used++;
	}
	*ret = list;
	*ret_count = used;
	return OK;
}
