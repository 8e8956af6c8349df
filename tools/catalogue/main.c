/* Compiles the sentence catalogues: catalogue -o OUTPUT_FOLDER -d DEPFILE LANGUAGE_FOLDER...; the
 * first folder is the original, the others are translations of it. */
#include "catalogue.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANGUAGES_MAX = 64, MEMORY_BYTES = 256 << 20 };

static int is_catalogue(const struct dirent *file)
{
	return str_ends_with(str_of(file->d_name), STR(".catalogue")) && file->d_name[0] != '.';
}

static struct catalogue read_language(struct arena *arena, const char *folder, struct buf *inputs)
{
	const char *slash = strrchr(folder, '/');
	struct catalogue catalogue = {
		.tag = str_of(slash ? slash + 1 : folder),
		.entries = ARENA_ARRAY(arena, CATALOGUE_MAX_ENTRIES, struct entry),
	};
	struct dirent **files;
	int count = scandir(folder, &files, is_catalogue, alphasort);
	if (count <= 0)
		source_fail(folder, 0, "has no *.catalogue");
	buf_addf(inputs, " %s", folder);
	for (int i = 0; i < count; i++) {
		struct str path = arena_printf(arena, "%s/%s", folder, files[i]->d_name);
		buf_addf(inputs, " %s", path.data);
		catalogue_parse(&catalogue, source_read(arena, path.data));
		free(files[i]);
	}
	free(files);
	catalogue_check(&catalogue);
	return catalogue;
}

/* The folders themselves are inputs too, so that a new file is noticed. */
static void write_depfile(const char *path, const char *folder, struct str inputs)
{
	struct buf out;
	buf_init(&out, SOURCE_MAX_BYTES);
	buf_addf(&out, "%s/text_id.h:%.*s\n", folder, STR_ARGS(inputs));
	source_write(path, &out);
	buf_release(&out);
}

int main(int argc, char **argv)
{
	if (argc < 6 || strcmp(argv[1], "-o") != 0 || strcmp(argv[3], "-d") != 0 ||
	    argc - 5 > LANGUAGES_MAX) {
		fputs("usage: catalogue -o OUTPUT_FOLDER -d DEPFILE LANGUAGE_FOLDER...\n", stderr);
		return 2;
	}
	struct arena arena;
	arena_init(&arena, MEMORY_BYTES);
	struct catalogue languages[LANGUAGES_MAX];
	size_t count = (size_t)argc - 5;
	struct buf inputs, out;
	buf_init(&inputs, SOURCE_MAX_BYTES);
	buf_init(&out, SOURCE_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		languages[i] = read_language(&arena, argv[5 + i], &inputs);
		if (i > 0)
			catalogue_compare(&languages[0], &languages[i]);
	}
	catalogue_write_ids(&out, languages, count);
	source_write(arena_printf(&arena, "%s/text_id.h", argv[2]).data, &out);
	buf_clear(&out);
	catalogue_write_tables(&out, languages, count);
	source_write(arena_printf(&arena, "%s/text_tables.c", argv[2]).data, &out);
	buf_clear(&out);
	catalogue_write_list(&out, &languages[0]);
	source_write(arena_printf(&arena, "%s/text_ids.list", argv[2]).data, &out);
	write_depfile(argv[4], argv[2], buf_str(&inputs));
	buf_release(&out);
	buf_release(&inputs);
	arena_release(&arena);
	return 0;
}
