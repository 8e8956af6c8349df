/* A page cut into literal text, {{ values }} and {% blocks %}, and those into tokens. */
#pragma once

#include "../source.h"

enum piece_kind { PIECE_TEXT, PIECE_VALUE, PIECE_BLOCK, PIECE_END };

struct piece {
	enum piece_kind kind;
	struct str text; /* without the braces */
	int line;        /* on which it starts */
};

struct lexer {
	const char *path;
	struct str rest;
	int line;
};

void lexer_init(struct lexer *lexer, struct source source);
/* {# notes #} are skipped. Ends the program for braces left open. */
struct piece lexer_next(struct lexer *lexer);

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	struct str text;
};

/* The tokens of one value or block; `now` is the one to look at. */
struct tokens {
	const char *path;
	int line;
	struct str rest; /* after `now` */
	struct token now;
};

void tokens_init(struct tokens *tokens, const char *path, struct piece piece);
void tokens_advance(struct tokens *tokens);
bool tokens_is(const struct tokens *tokens, const char *text);
/* Takes the given word or sign, or a name; ends the program when something else is there. */
void tokens_expect(struct tokens *tokens, const char *text);
struct str tokens_name(struct tokens *tokens, const char *what);
void tokens_expect_end(struct tokens *tokens);
/* Takes one expression: names, ->, ., [], !, &, &&, ||, comparisons, numbers, parentheses. No
 * calls, no assignment. */
struct str tokens_expression(struct tokens *tokens);
