#include "core/search_mark.h"

#include "base/utf8.h"
#include "core/search_fold.h"

enum {
	SCRATCH_BYTES = 8 << 20, /* for a line, not a text */
	SNIPPET_CHARS = 180,
	SNIPPET_BEFORE_BYTES = 60,
	WORD_BYTES = 24,  /* a longer one is cut */
	PIECES_MAX = 128, /* no further match is begun; then there is room for one, and the rest */
};

static void add_piece(struct search_marked *marked, struct str text, bool is_match)
{
	if (text.len > 0)
		marked->pieces[marked->count++] = (struct search_piece){text, is_match};
}

static enum err mark_folded(struct arena *arena, const struct search_query *query,
			    search_rest terms, const struct search_folded *folded, struct str text,
			    struct search_marked *ret)
{
	struct search_marked marked = {.count = 0};
	size_t at = 0, done = 0, start, len;
	marked.pieces = ARENA_ARRAY(arena, PIECES_MAX + 2, struct search_piece);
	if (marked.pieces == NULL)
		return ERR_UNAVAILABLE;
	while (marked.count < PIECES_MAX &&
	       search_match_next(query, terms, folded->text, at, &start, &len)) {
		size_t from, to;
		search_fold_origin(folded, start, len, &from, &to);
		at = start + len;
		if (from < done)
			from = done;
		if (to <= from)
			continue;
		add_piece(&marked, str_slice(text, done, from - done), false);
		add_piece(&marked, str_slice(text, from, to - from), true);
		done = to;
	}
	add_piece(&marked, str_slice(text, done, text.len), false);
	*ret = marked;
	return OK;
}

enum err search_mark(struct arena *arena, const struct search_query *query, search_rest terms,
		     struct str text, struct search_marked *ret)
{
	struct arena scratch CLEANUP_ARENA;
	struct search_folded folded;
	arena_init(&scratch, SCRATCH_BYTES);
	TRY(search_fold_map(&scratch, text, &folded));
	return mark_folded(arena, query, terms, &folded, text, ret);
}

static bool is_inside_character(struct str text, size_t at)
{
	return at < text.len && ((unsigned char)text.data[at] & 0xc0) == 0x80;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Some way before what was found, where a word begins. */
static size_t begin_snippet(struct str text, size_t found)
{
	size_t at = found > SNIPPET_BEFORE_BYTES ? found - SNIPPET_BEFORE_BYTES : 0;
	if (at == 0)
		return 0;
	for (size_t i = at; i < at + WORD_BYTES && i < found; i++) {
		if (is_blank(text.data[i]))
			return i + 1;
	}
	while (is_inside_character(text, at))
		at++;
	return at;
}

/* Where the last whole word ends, if that is near. */
static size_t end_snippet(struct str text, size_t from)
{
	size_t end = from + utf8_first(str_slice(text, from, text.len), SNIPPET_CHARS).len;
	if (end == text.len)
		return end;
	for (size_t i = end; i > from && i > end - WORD_BYTES; i--) {
		if (is_blank(text.data[i - 1]))
			return i - 1;
	}
	return end;
}

static struct str one_line(struct arena *arena, struct str text, bool is_cut_before,
			   bool is_cut_after)
{
	char *line = arena_alloc(arena, text.len + 1);
	size_t len = 0;
	for (size_t i = 0; line && i < text.len; i++) {
		char c = is_blank(text.data[i]) ? ' ' : text.data[i];
		if (c != ' ' || (len > 0 && line[len - 1] != ' '))
			line[len++] = c;
	}
	return arena_printf(arena, "%s%.*s%s", is_cut_before ? "\u2026 " : "", (int)len,
			    line ? line : "", is_cut_after ? " \u2026" : "");
}

enum err search_mark_snippet(struct arena *arena, struct arena *scratch,
			     const struct search_query *query, search_rest terms, struct str text,
			     struct search_marked *ret)
{
	struct search_folded folded;
	size_t start, len, from = 0, to;
	text = str_trim(text);
	TRY(search_fold_map(scratch, text, &folded));
	if (search_match_next(query, terms, folded.text, 0, &start, &len))
		search_fold_origin(&folded, start, len, &from, &to);
	from = begin_snippet(text, from);
	to = end_snippet(text, from);
	struct str line =
		one_line(arena, str_slice(text, from, to - from), from > 0, to < text.len);
	if (line.len == 0)
		return arena->failed ? ERR_UNAVAILABLE : OK;
	return search_mark(arena, query, terms, line, ret);
}
