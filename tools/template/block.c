#include "page.h"

static struct block *open_block(struct page *page, enum block_kind kind, int line)
{
	if (page->depth == BLOCKS_MAX)
		source_fail(page->lexer.path, line, "more than %d blocks in one another",
			    BLOCKS_MAX);
	struct block *block = &page->blocks[page->depth++];
	*block = (struct block){
		.kind = kind, .line = line, .start = page->context, .url = URL_STARTED};
	return block;
}

static void check_define(struct page *page, struct tokens *tokens, bool is_wanted)
{
	if (is_wanted && page->depth == 0)
		source_fail(tokens->path, tokens->line,
			    "this block stands within {%% define %%} ... {%% end %%}");
	if (!is_wanted && page->depth > 0)
		source_fail(tokens->path, tokens->line,
			    "this block stands outside of other blocks");
}

/* The branch that ends here must leave HTML where it was when the block opened. */
static void check_branch(struct page *page, struct tokens *tokens, struct block *block)
{
	if (!context_same(&page->context, &block->start))
		source_fail(tokens->path, tokens->line,
			    "the block of line %d starts %s and this branch ends %s", block->line,
			    context_words(&block->start), context_words(&page->context));
	if (page->context.url < block->url)
		block->url = page->context.url;
}

static void compile_include(struct page *page, struct tokens *tokens)
{
	check_define(page, tokens, false);
	struct str name = tokens->now.text;
	if (tokens->now.kind != TOKEN_STRING)
		source_fail(tokens->path, tokens->line, "{%% include \"folder/header.h\" %%}");
	tokens_advance(tokens);
	tokens_expect_end(tokens);
	buf_addf(&page->includes, "#include %.*s\n", STR_ARGS(name));
}

/* define name(parameters): the parameters are C and go into the prototype as they are. */
static void compile_define(struct page *page, struct tokens *tokens)
{
	check_define(page, tokens, false);
	struct str name = tokens_name(tokens, "the page's name");
	if (!tokens_is(tokens, "(") || !str_ends_with(tokens->rest, STR(")")))
		source_fail(tokens->path, tokens->line,
			    "{%% define name(const struct name_view *v) %%}");
	struct str params = str_trim(str_slice(tokens->rest, 0, tokens->rest.len - 1));
	const char *comma = params.len ? ", " : "";
	page->context = (struct context){
		.path = tokens->path, .line = tokens->line, .is_after_space = true};
	open_block(page, BLOCK_DEFINE, tokens->line);
	buf_addf(&page->prototypes, "void page_%.*s(struct html *out%s%.*s);\n", STR_ARGS(name),
		 comma, STR_ARGS(params));
	emitter_statement(&page->emitter, tokens->line, "void page_%.*s(struct html *out%s%.*s)\n{",
			  STR_ARGS(name), comma, STR_ARGS(params));
	page->emitter.depth = 1;
}

static void compile_if(struct page *page, struct tokens *tokens)
{
	check_define(page, tokens, true);
	struct str condition = tokens_expression(tokens);
	tokens_expect_end(tokens);
	context_block(&page->context, tokens->line);
	open_block(page, BLOCK_IF, tokens->line);
	emitter_statement(&page->emitter, tokens->line, "if (%.*s) {", STR_ARGS(condition));
	page->emitter.depth++;
}

/* elif and else: a new branch starts where the first one did. */
static struct block *next_branch(struct page *page, struct tokens *tokens)
{
	struct block *block = page->depth ? &page->blocks[page->depth - 1] : NULL;
	if (block == NULL || block->kind != BLOCK_IF || block->has_else)
		source_fail(tokens->path, tokens->line, "no {%% if %%} is open here");
	context_block(&page->context, tokens->line);
	check_branch(page, tokens, block);
	page->context = block->start;
	emitter_flush(&page->emitter);
	page->emitter.depth--;
	return block;
}

static void compile_elif(struct page *page, struct tokens *tokens)
{
	struct str condition = tokens_expression(tokens);
	tokens_expect_end(tokens);
	next_branch(page, tokens);
	emitter_statement(&page->emitter, tokens->line, "} else if (%.*s) {", STR_ARGS(condition));
	page->emitter.depth++;
}

static void compile_else(struct page *page, struct tokens *tokens)
{
	tokens_expect_end(tokens);
	next_branch(page, tokens)->has_else = true;
	emitter_statement(&page->emitter, tokens->line, "} else {");
	page->emitter.depth++;
}

/* "const struct row *r in": the declaration, and the name at its end. */
static struct str take_declaration(struct tokens *tokens, struct str *ret_name)
{
	const char *start = tokens->now.text.data;
	struct str name = STR_NONE;
	while (tokens->now.kind == TOKEN_NAME || tokens_is(tokens, "*")) {
		if (tokens_is(tokens, "in") && name.len > 0)
			break;
		name = tokens->now.kind == TOKEN_NAME ? tokens->now.text : STR_NONE;
		tokens_advance(tokens);
	}
	if (str_is_empty(name))
		source_fail(tokens->path, tokens->line,
			    "{%% for const struct row *r in v->rows count v->row_count %%}");
	tokens_expect(tokens, "in");
	*ret_name = name;
	return (struct str){start, (size_t)(name.data + name.len - start)};
}

static void compile_for(struct page *page, struct tokens *tokens)
{
	check_define(page, tokens, true);
	struct str name;
	struct str declaration = take_declaration(tokens, &name);
	struct str rows = tokens_expression(tokens);
	tokens_expect(tokens, "count");
	struct str count = tokens_expression(tokens);
	tokens_expect_end(tokens);
	context_block(&page->context, tokens->line);
	open_block(page, BLOCK_FOR, tokens->line);
	int loop = ++page->loops;
	emitter_statement(&page->emitter, tokens->line,
			  "for (size_t i_%d = 0; i_%d < (size_t)(%.*s); i_%d++) {", loop, loop,
			  STR_ARGS(count), loop);
	page->emitter.depth++;
	emitter_statement(&page->emitter, tokens->line, "%.*s = &(%.*s)[i_%d];",
			  STR_ARGS(declaration), STR_ARGS(rows), loop);
}

static void compile_end(struct page *page, struct tokens *tokens)
{
	tokens_expect_end(tokens);
	if (page->depth == 0)
		source_fail(tokens->path, tokens->line, "no block is open here");
	struct block *block = &page->blocks[page->depth - 1];
	context_block(&page->context, tokens->line);
	check_branch(page, tokens, block);
	page->context.url = block->url;
	if (!block->has_else && block->start.url < block->url)
		page->context.url = block->start.url; /* no branch may have been taken */
	page->depth--;
	emitter_flush(&page->emitter);
	page->emitter.depth--;
	buf_addf(&page->emitter.code, "%.*s}\n%s", page->emitter.depth,
		 "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t", block->kind == BLOCK_DEFINE ? "\n" : "");
}

static void compile_call(struct page *page, struct tokens *tokens)
{
	check_define(page, tokens, true);
	if (page->context.place != PLACE_TEXT)
		source_fail(tokens->path, tokens->line,
			    "{%% call %%} %s is refused: it writes text",
			    context_words(&page->context));
	struct str name = tokens_name(tokens, "the page's name");
	struct buf args;
	buf_init(&args, SOURCE_MAX_BYTES);
	tokens_expect(tokens, "(");
	while (!tokens_is(tokens, ")")) {
		struct str value = tokens_expression(tokens);
		buf_addf(&args, ", %.*s", STR_ARGS(value));
		if (!tokens_is(tokens, ")"))
			tokens_expect(tokens, ",");
	}
	tokens_advance(tokens);
	tokens_expect_end(tokens);
	context_block(&page->context, tokens->line);
	emitter_statement(&page->emitter, tokens->line, "page_%.*s(out%.*s);", STR_ARGS(name),
			  STR_ARGS(buf_str(&args)));
	buf_release(&args);
}

/* attr data-open if expression */
static void compile_attr(struct page *page, struct tokens *tokens)
{
	check_define(page, tokens, true);
	const char *start = tokens->now.text.data;
	while (tokens->now.kind == TOKEN_NAME || tokens_is(tokens, "-")) {
		if (tokens_is(tokens, "if") && tokens->now.text.data != start)
			break;
		tokens_advance(tokens);
	}
	struct str name = str_trim((struct str){start, (size_t)(tokens->now.text.data - start)});
	tokens_expect(tokens, "if");
	struct str condition = tokens_expression(tokens);
	tokens_expect_end(tokens);
	context_attribute(&page->context, tokens->line, name);
	emitter_statement(&page->emitter, tokens->line, "if (%.*s)", STR_ARGS(condition));
	buf_addf(&page->emitter.code, "\t\tbuf_add(out->out, STR(\" %.*s\"));\n", STR_ARGS(name));
}

void page_block(struct page *page, struct piece piece)
{
	static const struct {
		const char *word;
		void (*compile)(struct page *page, struct tokens *tokens);
	} blocks[] = {
		{"include", compile_include}, {"define", compile_define}, {"if", compile_if},
		{"elif", compile_elif},       {"else", compile_else},     {"for", compile_for},
		{"end", compile_end},         {"call", compile_call},     {"attr", compile_attr},
	};
	struct tokens tokens;
	tokens_init(&tokens, page->lexer.path, piece);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (tokens_is(&tokens, blocks[i].word)) {
			tokens_advance(&tokens);
			blocks[i].compile(page, &tokens);
			return;
		}
	}
	source_fail(tokens.path, tokens.line, "\"%.*s\" is not a block", STR_ARGS(tokens.now.text));
}
