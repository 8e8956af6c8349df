#include "core/address.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/domain.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

/* RFC 5322 3.2.3 atext, and everything beyond ASCII (RFC 6531 3.3). */
static bool is_atom_byte(char c)
{
	return str_is_alnum(c) || (unsigned char)c >= 0x80 ||
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
	if (!utf8_is_ascii(local) && (!domain_is_visible(local) || !is_compatible(local)))
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
	TRY(domain_normalise(arena, str_slice(typed, (size_t)at + 1, typed.len), &domain));
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
