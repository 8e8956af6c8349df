#include "page.h"

/* Checks that a value may stand here; a line break goes first after <textarea>. */
static void check_place(struct page *page, int line, enum value_kind kind)
{
	if (context_value(&page->context, line, kind))
		emitter_literal(&page->emitter, STR("\n"));
}

/* "app.css": letters, digits, dots, dashes, underscores. */
static void compile_asset(struct page *page, struct piece piece)
{
	struct str name = str_trim(str_slice(piece.text, sizeof("asset") - 1, piece.text.len));
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
		if (!is_fine)
			source_fail(page->lexer.path, piece.line,
				    "\"%.*s\" is not the name of an asset", STR_ARGS(name));
	}
	check_place(page, piece.line, VALUE_ASSET);
	emitter_macro(&page->emitter, "ASSET_", name);
	page->has_assets = true;
}

/* "area.name" */
static struct str take_sentence_id(struct tokens *tokens)
{
	const char *start = tokens->now.text.data;
	tokens_name(tokens, "a sentence's name");
	tokens_expect(tokens, ".");
	struct str name = tokens_name(tokens, "a sentence's name");
	return (struct str){start, (size_t)(name.data + name.len - start)};
}

static void check_missing(const struct tokens *tokens, struct str id, struct str wanted,
			  struct str given)
{
	struct str name;
	while (str_next(&wanted, ' ', &name)) {
		if (!sentences_has(given, name))
			source_fail(tokens->path, tokens->line,
				    "the sentence \"%.*s\" needs %.*s=", STR_ARGS(id),
				    STR_ARGS(name));
	}
}

/* name=expression, several; appends TEXT_ARG_OF(...) for each. */
static void compile_args(struct page *page, struct tokens *tokens, struct str id, struct str wanted,
			 struct buf *out)
{
	struct buf given;
	buf_init(&given, SOURCE_MAX_BYTES);
	while (tokens->now.kind != TOKEN_END) {
		struct str name = tokens_name(tokens, "a placeholder's name");
		if (page->sentences->list.text.data && !sentences_has(wanted, name))
			source_fail(tokens->path, tokens->line,
				    "the sentence \"%.*s\" has no placeholder {%.*s}", STR_ARGS(id),
				    STR_ARGS(name));
		if (sentences_has(buf_str(&given), name))
			source_fail(tokens->path, tokens->line, "%.*s= is there twice",
				    STR_ARGS(name));
		tokens_expect(tokens, "=");
		struct str value = tokens_expression(tokens);
		buf_addf(out, ", TEXT_ARG_OF(\"%.*s\", %.*s)", STR_ARGS(name), STR_ARGS(value));
		buf_addf(&given, "%s%.*s", given.len ? " " : "", STR_ARGS(name));
	}
	check_missing(tokens, id, wanted, buf_str(&given));
	buf_release(&given);
}

static void compile_sentence(struct page *page, struct tokens *tokens)
{
	struct str id = take_sentence_id(tokens);
	struct str wanted = STR_NONE;
	if (page->sentences->list.text.data && !sentences_find(page->sentences, id, &wanted))
		source_fail(tokens->path, tokens->line, "the catalogue has no sentence \"%.*s\"",
			    STR_ARGS(id));
	struct buf constant, args;
	buf_init(&constant, SOURCE_MAX_BYTES);
	buf_init(&args, SOURCE_MAX_BYTES);
	buf_add(&constant, STR("TEXT_"));
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];
		buf_add_char(&constant, c == '.'               ? '_'
					: c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A')
							       : c);
	}
	compile_args(page, tokens, id, wanted, &args);
	check_place(page, tokens->line, VALUE_PLAIN);
	if (args.len == 0)
		emitter_statement(&page->emitter, tokens->line, "html_text(out, %.*s);",
				  STR_ARGS(buf_str(&constant)));
	else
		emitter_statement(&page->emitter, tokens->line, "HTML_TEXT_FILL(out, %.*s%.*s);",
				  STR_ARGS(buf_str(&constant)), STR_ARGS(buf_str(&args)));
	buf_release(&constant);
	buf_release(&args);
}

static void compile_expression(struct page *page, struct tokens *tokens, enum value_kind kind,
			       const char *function)
{
	struct str value = tokens_expression(tokens);
	tokens_expect_end(tokens);
	check_place(page, tokens->line, kind);
	emitter_statement(&page->emitter, tokens->line, "%s(out, %.*s);", function,
			  STR_ARGS(value));
}

/* A keyword is one only when something follows that cannot continue an expression: {{ url }} is a
 * value. */
static bool takes_keyword(struct tokens *tokens, const char *keyword)
{
	if (!tokens_is(tokens, keyword))
		return false;
	struct tokens ahead = *tokens;
	tokens_advance(&ahead);
	if (ahead.now.kind != TOKEN_NAME && !tokens_is(&ahead, "&") && !tokens_is(&ahead, "("))
		return false;
	*tokens = ahead;
	return true;
}

void page_value(struct page *page, struct piece piece)
{
	struct tokens tokens;
	tokens_init(&tokens, page->lexer.path, piece);
	if (takes_keyword(&tokens, "asset"))
		compile_asset(page, piece);
	else if (takes_keyword(&tokens, "text"))
		compile_sentence(page, &tokens);
	else if (takes_keyword(&tokens, "url"))
		compile_expression(page, &tokens, VALUE_URL, "html_put_url");
	else if (takes_keyword(&tokens, "html"))
		compile_expression(page, &tokens, VALUE_MARKUP, "html_put_markup");
	else
		compile_expression(page, &tokens, VALUE_PLAIN, "html_put");
}
