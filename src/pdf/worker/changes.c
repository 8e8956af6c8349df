#include "pdf/worker/changes.h"

#include "pdf/worker/changes_additions.h"
#include "pdf/worker/changes_allowed.h"
#include "pdf/worker/changes_same.h"
#include "pdf/worker/page_tree.h"

enum { OBJECTS_MAX = 8 << 20 };

static void say_changed(struct changes *changes, pdf_obj *object)
{
	fz_context *ctx = changes->work->ctx;
	pdf_obj *name = pdf_dict_get_inheritable(ctx, object, PDF_NAME(T));
	bool is_field = pdf_dict_get_inheritable(ctx, object, PDF_NAME(FT)) && name;
	struct arena *arena = changes->work->arena;
	if (changes->changed)
		return;
	if (is_field)
		changes->changed =
			arena_printf(arena, "field %.200s", pdf_to_text_string(ctx, name)).data;
	else if (changes->owner_now > 0)
		changes->changed = arena_printf(arena, "page %d", changes->owner_now).data;
	if (changes->changed == NULL)
		changes->changed = "document";
}

/* What was not there, but referred to, may not be there now. */
static void look_beyond(struct changes *changes, int number)
{
	fz_context *ctx = changes->work->ctx;
	if (number >= pdf_xref_len(ctx, changes->now))
		return;
	pdf_obj *is = pdf_new_indirect(ctx, changes->now, number, 0);
	fz_try(ctx)
	{
		if (!pdf_is_null(ctx, pdf_resolve_indirect(ctx, is)))
			say_changed(changes, NULL);
	}
	fz_always(ctx) pdf_drop_obj(ctx, is);
	fz_catch(ctx) fz_rethrow(ctx);
}

static void look_later(struct changes *changes, int number)
{
	if (number >= changes->object_count)
		look_beyond(changes, number);
	if (number <= 0 || number >= changes->object_count || changes->is_seen[number])
		return;
	changes->is_seen[number] = 1;
	if (changes->owner[number] == 0)
		changes->owner[number] = changes->owner_now;
	changes->queue[changes->last++] = number;
}

/* What an object itself holds refers to. */
static void look_at_references(struct changes *changes, pdf_obj *object)
{
	fz_context *ctx = changes->work->ctx;
	if (pdf_is_indirect(ctx, object)) {
		look_later(changes, pdf_to_num(ctx, object));
	} else if (pdf_is_array(ctx, object)) {
		for (int i = 0; i < pdf_array_len(ctx, object); i++)
			look_at_references(changes, pdf_array_get(ctx, object, i));
	} else if (pdf_is_dict(ctx, object)) {
		for (int i = 0; i < pdf_dict_len(ctx, object); i++)
			look_at_references(changes, pdf_dict_get_val(ctx, object, i));
	}
}

/* The stream in which it lies: how that is unpacked may be said elsewhere. */
static void look_at_container(struct changes *changes, int number)
{
	const pdf_xref_entry *was = pdf_get_xref_entry(changes->work->ctx, changes->before, number);
	if (was->type == 'o')
		look_later(changes, (int)was->ofs);
}

static void look_at(struct changes *changes, int number)
{
	fz_context *ctx = changes->work->ctx;
	pdf_obj *was = pdf_new_indirect(ctx, changes->before, number, 0), *is = NULL;
	fz_var(is);
	fz_try(ctx)
	{
		is = pdf_new_indirect(ctx, changes->now, number, 0);
		changes->owner_now = changes->owner[number];
		if (!changes_same_object(changes, number, was, is))
			say_changed(changes, was);
		look_at_container(changes, number);
		changes_allowed_note_lists(changes, number, was, is);
		look_at_references(changes, pdf_resolve_indirect(ctx, was));
	}
	fz_always(ctx)
	{
		pdf_drop_obj(ctx, is);
		pdf_drop_obj(ctx, was);
	}
	fz_catch(ctx) fz_rethrow(ctx);
}

static void own_pages(struct changes *changes)
{
	struct page_tree tree;
	page_tree_read(changes->work, changes->before, &tree);
	for (int i = 0; i < tree.count; i++)
		if (tree.numbers[i] < changes->object_count)
			changes->owner[tree.numbers[i]] = i + 1;
}

const char *changes_find(struct work *work, pdf_document *before, const struct change_rules *rules)
{
	fz_context *ctx = work->ctx;
	struct changes *changes = WORK_ARRAY(work, 1, struct changes);
	int count = pdf_xref_len(ctx, before);
	if (count > OBJECTS_MAX)
		refuse(work, PDF_TOO_HEAVY);
	*changes = (struct changes){.work = work,
				    .before = before,
				    .now = work->doc,
				    .rules = rules,
				    .object_count = count};
	changes->is_seen = WORK_ARRAY(work, (size_t)count, uint8_t);
	changes->lists = WORK_ARRAY(work, (size_t)count, uint8_t);
	changes->queue = WORK_ARRAY(work, (size_t)count, int);
	changes->owner = WORK_ARRAY(work, (size_t)count, int);
	own_pages(changes);
	if (rules->allows_more) {
		form_read(work, before, &changes->form);
		if (!changes_additions_keep_pages(changes))
			return "document";
	}
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, before), PDF_NAME(Root));
	pdf_obj *root_now = pdf_dict_get(ctx, pdf_trailer(ctx, work->doc), PDF_NAME(Root));
	if (pdf_to_num(ctx, root) != pdf_to_num(ctx, root_now))
		return "document";
	look_later(changes, pdf_to_num(ctx, root));
	while (changes->first < changes->last && changes->changed == NULL)
		look_at(changes, changes->queue[changes->first++]);
	return changes->changed;
}
