#include "lexer.h"

#include <string.h>

void lexer_init(struct lexer *lexer, struct source source)
{
	*lexer = (struct lexer){.path = source.path, .rest = source.text, .line = 1};
}

/* Takes `len` bytes and counts their lines. */
static struct str take(struct lexer *lexer, size_t len)
{
	struct str taken = str_slice(lexer->rest, 0, len);
	for (size_t i = 0; i < taken.len; i++)
		lexer->line += taken.data[i] == '\n';
	lexer->rest = str_slice(lexer->rest, len, lexer->rest.len);
	return taken;
}

static bool is_opening(struct str s, size_t at)
{
	return s.data[at] == '{' && at + 1 < s.len && strchr("{%#", s.data[at + 1]) != NULL &&
	       s.data[at + 1] != '\0';
}

static struct piece take_braces(struct lexer *lexer)
{
	char kind = lexer->rest.data[1];
	struct str close = kind == '{' ? STR("}}") : kind == '%' ? STR("%}") : STR("#}");
	struct piece piece = {.line = lexer->line, .kind = kind == '{' ? PIECE_VALUE : PIECE_BLOCK};
	ptrdiff_t end = str_find(lexer->rest, close);
	if (end < 0)
		source_fail(lexer->path, lexer->line, "\"{%c\" is not closed", kind);
	piece.text = str_trim(str_slice(take(lexer, (size_t)end + 2), 2, (size_t)end - 2));
	if (kind == '#')
		piece.text = STR_NONE;
	else if (str_is_empty(piece.text))
		source_fail(lexer->path, piece.line, "nothing between the braces");
	return piece;
}

struct piece lexer_next(struct lexer *lexer)
{
	while (!str_is_empty(lexer->rest)) {
		if (is_opening(lexer->rest, 0)) {
			struct piece piece = take_braces(lexer);
			if (!str_is_empty(piece.text))
				return piece;
			continue;
		}
		size_t len = 1;
		while (len < lexer->rest.len && !is_opening(lexer->rest, len))
			len++;
		int line = lexer->line;
		return (struct piece){.kind = PIECE_TEXT, .line = line, .text = take(lexer, len)};
	}
	return (struct piece){.kind = PIECE_END, .line = lexer->line};
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (c >= '0' && c <= '9');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct token scan(struct str s)
{
	static const char *const signs[] = {"->", "&&", "||", "==", "!=", "<=", ">="};
	if (str_is_empty(s))
		return (struct token){TOKEN_END, STR_NONE};
	size_t len = 0;
	while (len < s.len && is_name_char(s.data[len]))
		len++;
	if (len > 0)
		return (struct token){is_digit(s.data[0]) ? TOKEN_NUMBER : TOKEN_NAME,
				      str_slice(s, 0, len)};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (str_starts_with(s, str_of(signs[i])))
			return (struct token){TOKEN_SIGN, str_slice(s, 0, 2)};
	}
	ptrdiff_t quote = s.data[0] == '"' ? str_find_char(str_slice(s, 1, s.len), '"') : -1;
	if (quote >= 0)
		return (struct token){TOKEN_STRING, str_slice(s, 0, (size_t)quote + 2)};
	return (struct token){TOKEN_SIGN, str_slice(s, 0, 1)};
}

void tokens_advance(struct tokens *tokens)
{
	tokens->rest = str_trim(tokens->rest);
	tokens->now = scan(tokens->rest);
	tokens->rest = str_slice(tokens->rest, tokens->now.text.len, tokens->rest.len);
}

void tokens_init(struct tokens *tokens, const char *path, struct piece piece)
{
	*tokens = (struct tokens){.path = path, .line = piece.line, .rest = piece.text};
	tokens_advance(tokens);
}

bool tokens_is(const struct tokens *tokens, const char *text)
{
	return tokens->now.kind != TOKEN_END && str_eq(tokens->now.text, str_of(text));
}

static _Noreturn void fail_expected(const struct tokens *tokens, const char *what)
{
	if (tokens->now.kind == TOKEN_END)
		source_fail(tokens->path, tokens->line, "%s is missing at the end", what);
	source_fail(tokens->path, tokens->line, "%s expected, not \"%.*s\"", what,
		    STR_ARGS(tokens->now.text));
}

void tokens_expect(struct tokens *tokens, const char *text)
{
	char what[32];
	what[0] = '"';
	size_t len = strlen(text);
	memcpy(what + 1, text, len);
	memcpy(what + 1 + len, "\"", 2);
	if (!tokens_is(tokens, text))
		fail_expected(tokens, what);
	tokens_advance(tokens);
}

struct str tokens_name(struct tokens *tokens, const char *what)
{
	struct str name = tokens->now.text;
	if (tokens->now.kind != TOKEN_NAME)
		fail_expected(tokens, what);
	tokens_advance(tokens);
	return name;
}

void tokens_expect_end(struct tokens *tokens)
{
	if (tokens->now.kind != TOKEN_END)
		source_fail(tokens->path, tokens->line,
			    "\"%.*s\" is not allowed here: an expression has names, ->, ., [ ], !, "
			    "&, &&, ||, "
			    "comparisons, numbers and parentheses",
			    STR_ARGS(tokens->now.text));
}

static void skip_expression(struct tokens *tokens);

static void skip_primary(struct tokens *tokens)
{
	while (tokens_is(tokens, "!") || tokens_is(tokens, "&"))
		tokens_advance(tokens);
	if (tokens_is(tokens, "(")) {
		tokens_advance(tokens);
		skip_expression(tokens);
		tokens_expect(tokens, ")");
	} else if (tokens->now.kind == TOKEN_NAME || tokens->now.kind == TOKEN_NUMBER) {
		tokens_advance(tokens);
	} else {
		fail_expected(tokens, "a value");
	}
}

static void skip_operand(struct tokens *tokens)
{
	skip_primary(tokens);
	for (;;) {
		if (tokens_is(tokens, "->") || tokens_is(tokens, ".")) {
			tokens_advance(tokens);
			tokens_name(tokens, "a member's name");
		} else if (tokens_is(tokens, "[")) {
			tokens_advance(tokens);
			skip_expression(tokens);
			tokens_expect(tokens, "]");
		} else if (tokens_is(tokens, "(")) {
			source_fail(tokens->path, tokens->line,
				    "a page calls no functions: put the result into the view");
		} else {
			return;
		}
	}
}

static bool is_binary(const struct tokens *tokens)
{
	static const char *const signs[] = {"&&", "||", "==", "!=", "<", ">", "<=", ">="};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (tokens_is(tokens, signs[i]))
			return true;
	}
	return false;
}

static void skip_expression(struct tokens *tokens)
{
	skip_operand(tokens);
	while (is_binary(tokens)) {
		tokens_advance(tokens);
		skip_operand(tokens);
	}
}

struct str tokens_expression(struct tokens *tokens)
{
	const char *start = tokens->now.text.data;
	skip_expression(tokens);
	const char *end = tokens->now.kind == TOKEN_END ? tokens->rest.data : tokens->now.text.data;
	return str_trim((struct str){start, (size_t)(end - start)});
}
