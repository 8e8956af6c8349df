#include "catalogue.h"

#include <stdlib.h>
#include <string.h>

static int compare_strs(struct str a, struct str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.data, b.data, len);
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *a, const void *b)
{
	return compare_strs(((const struct entry *)a)->id, ((const struct entry *)b)->id);
}

/* Every form that some whole number takes in this language must be there. */
static void check_plural(struct str tag, const struct entry *entry)
{
	static const int64_t large[] = {1000, 1000000};
	for (int64_t n = 0; n < 202; n++) {
		enum plural form = plural_of(tag, n < 200 ? n : large[n - 200]);
		if (entry->text[form].data == NULL)
			source_fail(entry->path, entry->line, "\"%.*s\" lacks its form [%s]",
				    STR_ARGS(entry->id), plural_name(form));
	}
}

void catalogue_check(struct catalogue *catalogue)
{
	qsort(catalogue->entries, catalogue->count, sizeof(struct entry), compare_entries);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct entry *entry = &catalogue->entries[i];
		if (!entry->is_plural)
			continue;
		if (entry->text[PLURAL_OTHER].data == NULL)
			source_fail(entry->path, entry->line, "\"%.*s\" lacks its form [other]",
				    STR_ARGS(entry->id));
		check_plural(catalogue->tag, entry);
	}
}

static bool has_name(const struct entry *entry, struct str name)
{
	for (size_t i = 0; i < entry->name_count; i++) {
		if (str_eq(entry->names[i], name))
			return true;
	}
	return false;
}

static void compare_names(const struct entry *original, const struct entry *translated)
{
	for (size_t i = 0; i < original->name_count; i++) {
		if (!has_name(translated, original->names[i]))
			source_fail(translated->path, translated->line,
				    "\"%.*s\" lacks the placeholder {%.*s}", STR_ARGS(original->id),
				    STR_ARGS(original->names[i]));
	}
	for (size_t i = 0; i < translated->name_count; i++) {
		if (!has_name(original, translated->names[i]))
			source_fail(
				translated->path, translated->line,
				"\"%.*s\" has the placeholder {%.*s}, which the original has not",
				STR_ARGS(original->id), STR_ARGS(translated->names[i]));
	}
}

void catalogue_compare(const struct catalogue *original, const struct catalogue *translation)
{
	for (size_t i = 0; i < original->count || i < translation->count; i++) {
		const struct entry *a = i < original->count ? &original->entries[i] : NULL;
		const struct entry *b = i < translation->count ? &translation->entries[i] : NULL;
		int order = a == NULL ? 1 : b == NULL ? -1 : compare_entries(a, b);
		if (order < 0)
			source_fail(a->path, a->line, "\"%.*s\" is not translated to \"%.*s\"",
				    STR_ARGS(a->id), STR_ARGS(translation->tag));
		if (order > 0)
			source_fail(b->path, b->line, "\"%.*s\" is not in the original",
				    STR_ARGS(b->id));
		compare_names(a, b);
	}
}
