#include "catalogue.h"

#include <string.h>

/* Where the parser stands; `rest` is what follows the current line. */
struct reader {
	struct catalogue *catalogue;
	struct str rest;
	const char *path;
	int line;
};

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* "area.name": two words of small letters, digits and underscores. */
static bool is_id(struct str id)
{
	size_t dots = 0;
	for (size_t i = 0; i < id.len; i++) {
		if (id.data[i] == '.')
			dots++;
		else if (!is_word_char(id.data[i]))
			return false;
	}
	return dots == 1 && id.data[0] >= 'a' && id.data[0] <= 'z' && id.data[id.len - 1] != '.';
}

static struct entry *find_entry(struct catalogue *catalogue, struct str id)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		if (str_eq(catalogue->entries[i].id, id))
			return &catalogue->entries[i];
	}
	return NULL;
}

static void add_placeholder(struct reader *reader, struct entry *entry, struct str name)
{
	for (size_t i = 0; i < entry->name_count; i++) {
		if (str_eq(entry->names[i], name))
			return;
	}
	if (entry->name_count == PLACEHOLDERS_MAX)
		source_fail(reader->path, reader->line, "more than %d placeholders in \"%.*s\"",
			    PLACEHOLDERS_MAX, STR_ARGS(entry->id));
	entry->names[entry->name_count++] = name;
}

static void collect_placeholders(struct reader *reader, struct entry *entry, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '}')
			source_fail(reader->path, reader->line, "\"}\" without \"{\"");
		if (text.data[i] != '{')
			continue;
		size_t start = ++i;
		while (i < text.len && is_word_char(text.data[i]))
			i++;
		if (i == start || i == text.len || text.data[i] != '}')
			source_fail(reader->path, reader->line,
				    "a placeholder is {name}, in small letters");
		add_placeholder(reader, entry, str_slice(text, start, i - start));
	}
}

static enum plural parse_form(struct reader *reader, struct str word)
{
	for (int form = 0; form < PLURAL_COUNT; form++) {
		if (str_eq(word, str_of(plural_name((enum plural)form))))
			return (enum plural)form;
	}
	source_fail(reader->path, reader->line,
		    "\"[%.*s]\": a plural form is zero, one, two, few, many or other",
		    STR_ARGS(word));
}

/* "a.b_c" and "a_b.c" are both TEXT_A_B_C. */
static bool is_same_constant(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if ((a.data[i] == '.' ? '_' : a.data[i]) != (b.data[i] == '.' ? '_' : b.data[i]))
			return false;
	}
	return true;
}

static void refuse_same_constant(struct reader *reader, struct str id)
{
	for (size_t i = 0; i < reader->catalogue->count; i++) {
		const struct entry *entry = &reader->catalogue->entries[i];
		if (is_same_constant(entry->id, id))
			source_fail(reader->path, reader->line,
				    "\"%.*s\" gives the same constant as \"%.*s\" at %s:%d",
				    STR_ARGS(id), STR_ARGS(entry->id), entry->path, entry->line);
	}
}

static struct entry *open_entry(struct reader *reader, struct str id, bool is_plural)
{
	struct entry *entry = find_entry(reader->catalogue, id);
	if (entry != NULL && entry->is_plural && is_plural)
		return entry;
	if (entry != NULL)
		source_fail(reader->path, reader->line, "\"%.*s\" is already at %s:%d",
			    STR_ARGS(id), entry->path, entry->line);
	refuse_same_constant(reader, id);
	if (reader->catalogue->count == CATALOGUE_MAX_ENTRIES)
		source_fail(reader->path, reader->line, "too many sentences");
	entry = &reader->catalogue->entries[reader->catalogue->count++];
	*entry = (struct entry){
		.id = id, .path = reader->path, .line = reader->line, .is_plural = is_plural};
	return entry;
}

/* Splits "area.name[one]" and makes the entry. */
static void add_sentence(struct reader *reader, struct str key, struct str text)
{
	enum plural form = PLURAL_OTHER;
	struct str id = key;
	ptrdiff_t bracket = str_find_char(key, '[');
	if (bracket >= 0) {
		if (key.data[key.len - 1] != ']')
			source_fail(reader->path, reader->line, "\"[\" without \"]\"");
		id = str_slice(key, 0, (size_t)bracket);
		form = parse_form(
			reader, str_slice(key, (size_t)bracket + 1, key.len - (size_t)bracket - 2));
	}
	if (!is_id(id))
		source_fail(reader->path, reader->line,
			    "\"%.*s\" is not area.name in small letters", STR_ARGS(id));
	if (str_is_empty(text))
		source_fail(reader->path, reader->line, "\"%.*s\" is empty", STR_ARGS(id));
	struct entry *entry = open_entry(reader, id, bracket >= 0);
	if (entry->text[form].data != NULL)
		source_fail(reader->path, reader->line, "\"%.*s\" is there twice", STR_ARGS(key));
	entry->text[form] = text;
	collect_placeholders(reader, entry, text);
}

static bool next_line(struct reader *reader, struct str *ret_line)
{
	if (!str_next(&reader->rest, '\n', ret_line))
		return false;
	reader->line++;
	return true;
}

/* The lines up to ">>", joined by line feeds. */
static struct str read_block(struct reader *reader)
{
	int opened = reader->line;
	struct str line;
	const char *start = reader->rest.data;
	size_t len = 0;
	while (next_line(reader, &line)) {
		if (str_eq(str_trim(line), STR(">>")))
			return (struct str){start, len > 0 ? len - 1 : 0};
		len += line.len + 1;
	}
	source_fail(reader->path, opened, "\"<<\" without a line \">>\"");
}

static void parse_line(struct reader *reader, struct str line)
{
	if (str_is_empty(line) || line.data[0] == '#')
		return;
	ptrdiff_t block = str_find(line, STR("<<"));
	ptrdiff_t equals = str_find_char(line, '=');
	if (equals < 0 && block < 0)
		source_fail(reader->path, reader->line, "a line is \"area.name = sentence\"");
	if (equals >= 0) {
		add_sentence(reader, str_trim(str_slice(line, 0, (size_t)equals)),
			     str_trim(str_slice(line, (size_t)equals + 1, line.len)));
		return;
	}
	if ((size_t)block + 2 != line.len)
		source_fail(reader->path, reader->line, "\"<<\" ends its line");
	struct str key = str_trim(str_slice(line, 0, (size_t)block));
	add_sentence(reader, key, read_block(reader));
}

void catalogue_parse(struct catalogue *catalogue, struct source source)
{
	struct reader reader = {

		.catalogue = catalogue, .rest = source.text, .path = source.path};
	struct str line;
	if (memchr(source.text.data ? source.text.data : "", '\r', source.text.len) != NULL)
		source_fail(source.path, 0, "has carriage returns; lines end with a line feed");
	while (next_line(&reader, &line))
		parse_line(&reader, str_trim(line));
}
