#include "server/user_import.h"

#include "base/limits.h"
#include "core/people_import.h"
#include "server/read_file.h"

#include <stdio.h>
#include <stdlib.h>

static void say_row(struct cx *cx, const struct import_row *row, bool is_dry)
{
	struct str fate = text_get(cx->language, people_import_text(row->fate, is_dry));
	struct str text = TEXT_FILL(
		cx->arena, cx->language, TEXT_COMMAND_IMPORT_LINE, TEXT_NUMBER("line", row->line),
		TEXT_ARG("address", form_error_quote(cx, row->address)), TEXT_ARG("fate", fate));
	printf("%.*s\n", STR_ARGS(text));
}

static void say_sum(struct cx *cx, const struct people_import *import, bool is_dry)
{
	for (int i = 0; i < IMPORT_FATES; i++) {
		struct str fate =
			text_get(cx->language, people_import_text((enum import_fate)i, is_dry));
		struct str text =
			TEXT_FILL(cx->arena, cx->language, TEXT_COMMAND_IMPORT_SUM,
				  TEXT_NUMBER("count", import->tally[i]), TEXT_ARG("fate", fate));
		if (import->tally[i] > 0)
			printf("%.*s\n", STR_ARGS(text));
	}
}

static enum err run(struct cx *cx, struct people_import *import, bool is_dry)
{
	while (!people_import_is_over(import)) {
		size_t from = import->at;
		TRY(people_import_step(cx, import, is_dry));
		for (size_t i = from; i < import->at; i++)
			if (is_dry || import->rows[i].fate > IMPORT_CHANGED)
				say_row(cx, &import->rows[i], is_dry);
		struct str text = TEXT_FILL(cx->arena, cx->language, TEXT_COMMAND_IMPORT_PROGRESS,
					    TEXT_NUMBER("count", (int64_t)import->at),
					    TEXT_NUMBER("total", (int64_t)import->count));
		if (!is_dry)
			fprintf(stderr, "postern: %.*s\n", STR_ARGS(text));
	}
	return OK;
}

int user_import(struct cx *cx, struct str path, bool is_dry)
{
	struct people_import import = {.count = 0};
	struct form_errors errors = {0};
	struct str bytes;
	if (read_file(cx->arena, path, LIMIT_IMPORT_BYTES, &bytes) != OK) {
		COMPLAIN(cx->arena, TEXT_COMMAND_IMPORT_FILE, TEXT_ARG("path", path));
		return EXIT_FAILURE;
	}
	enum err err = people_import_read(cx, bytes, &import, &errors);
	if (err == OK)
		err = run(cx, &import, is_dry);
	if (!is_dry && import.at > 0 && people_import_end(cx, &import) != OK && err == OK)
		err = ERR_UNAVAILABLE;
	say_sum(cx, &import, is_dry);
	if (errors.count > 0)
		fprintf(stderr, "postern: %.*s\n", STR_ARGS(errors.items[0].detail));
	else if (err != OK)
		COMPLAIN(cx->arena, TEXT_COMMAND_FAILED, TEXT_ARG("reason", str_of(err_name(err))));
	return err == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
