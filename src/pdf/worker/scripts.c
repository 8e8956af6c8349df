#include "pdf/worker/scripts.h"

enum { DEPTH_MAX = 64 };

/* Actions that run something, reach out, or change what is shown. Going to a page or following a
 * link when one clicks on it stays. */
static const char *const banned_actions[] = {
	"JavaScript", "Launch", "SubmitForm",      "ImportData", "ResetForm",
	"Rendition",  "Movie",  "Sound",           "GoTo3DView", "SetOCGState",
	"Trans",      "Hide",   "RichMediaExecute"};
/* Where an action, or more of them, stand. */
static const char *const action_keys[] = {"A", "PA", "OpenAction", "Next"};

static bool is_banned_action(fz_context *ctx, pdf_obj *object)
{
	if (!pdf_is_dict(ctx, object))
		return false;
	if (pdf_dict_gets(ctx, object, "JS"))
		return true;
	const char *kind = pdf_to_name(ctx, pdf_dict_get(ctx, object, PDF_NAME(S)));
	for (size_t i = 0; i < sizeof(banned_actions) / sizeof(banned_actions[0]); i++)
		if (strcmp(kind, banned_actions[i]) == 0)
			return true;
	return false;
}

/* One action, or an array with one among them. */
static bool has_banned_action(fz_context *ctx, pdf_obj *value)
{
	if (!pdf_is_array(ctx, value))
		return is_banned_action(ctx, value);
	for (int i = 0; i < pdf_array_len(ctx, value); i++)
		if (is_banned_action(ctx, pdf_array_get(ctx, value, i)))
			return true;
	return false;
}

/* What happens when it is opened, besides showing a place in it: asking an address, for one. */
static bool is_more_than_a_place(fz_context *ctx, pdf_obj *action)
{
	return pdf_is_dict(ctx, action) &&
	       (!pdf_name_eq(ctx, pdf_dict_get(ctx, action, PDF_NAME(S)), PDF_NAME(GoTo)) ||
		pdf_dict_gets(ctx, action, "Next"));
}

struct search {
	struct work *work;
	bool strips;
	struct script_facts facts;
};

static void take_out(struct search *search, pdf_obj *dict, const char *key)
{
	search->facts.has_scripts = true;
	if (search->strips)
		pdf_dict_dels(search->work->ctx, dict, key);
}

static void look_at_keys(struct search *search, pdf_obj *dict)
{
	fz_context *ctx = search->work->ctx;
	for (size_t i = 0; i < sizeof(action_keys) / sizeof(action_keys[0]); i++) {
		if (!has_banned_action(ctx, pdf_dict_gets(ctx, dict, action_keys[i])))
			continue;
		take_out(search, dict, action_keys[i]);
	}
	if (is_more_than_a_place(ctx, pdf_dict_gets(ctx, dict, "OpenAction")))
		take_out(search, dict, "OpenAction");
	if (pdf_dict_get(ctx, dict, PDF_NAME(AA)))
		take_out(search, dict, "AA");
	if (pdf_dict_gets(ctx, dict, "OnInstantiate")) /* of a picture in three dimensions */
		take_out(search, dict, "OnInstantiate");
	if (pdf_dict_get(ctx, dict, PDF_NAME(EF)))
		search->facts.has_files = true;
}

/* What lies in one object itself; what it refers to is looked at in its own turn. */
static void look_at(struct search *search, pdf_obj *object, int depth)
{
	fz_context *ctx = search->work->ctx;
	if (depth > DEPTH_MAX)
		refuse(search->work, PDF_DAMAGED);
	if (pdf_is_array(ctx, object)) {
		for (int i = 0; i < pdf_array_len(ctx, object); i++) {
			pdf_obj *item = pdf_array_get(ctx, object, i);
			if (!pdf_is_indirect(ctx, item))
				look_at(search, item, depth + 1);
		}
	} else if (pdf_is_dict(ctx, object)) {
		look_at_keys(search, object);
		for (int i = 0; i < pdf_dict_len(ctx, object); i++) {
			pdf_obj *item = pdf_dict_get_val(ctx, object, i);
			if (!pdf_is_indirect(ctx, item))
				look_at(search, item, depth + 1);
		}
	}
}

/* An action that something else than the keys above leads to. */
static void empty_action(struct search *search, pdf_obj *object)
{
	fz_context *ctx = search->work->ctx;
	if (!is_banned_action(ctx, object) || pdf_is_stream(ctx, object))
		return;
	/* A page's transition has a name that is an action's too, among other things. */
	if (pdf_dict_gets(ctx, object, "JS") == NULL)
		return;
	search->facts.has_scripts = true;
	if (!search->strips)
		return;
	while (pdf_dict_len(ctx, object) > 0)
		pdf_dict_del(ctx, object, pdf_dict_get_key(ctx, object, 0));
}

static void look_at_number(struct search *search, int number)
{
	fz_context *ctx = search->work->ctx;
	pdf_obj *object = pdf_new_indirect(ctx, search->work->doc, number, 0);
	fz_try(ctx)
	{
		look_at(search, object, 0);
		empty_action(search, object);
	}
	fz_always(ctx) pdf_drop_obj(ctx, object);
	fz_catch(ctx) fz_rethrow(ctx);
}

static void search_all(struct search *search)
{
	fz_context *ctx = search->work->ctx;
	pdf_document *doc = search->work->doc;
	pdf_obj *names = pdf_dict_getp(ctx, pdf_trailer(ctx, doc), "Root/Names");
	if (pdf_dict_gets(ctx, names, "JavaScript")) {
		search->facts.has_scripts = true;
		if (search->strips)
			pdf_dict_dels(ctx, names, "JavaScript");
	}
	if (pdf_dict_gets(ctx, names, "EmbeddedFiles"))
		search->facts.has_files = true;
	int count = pdf_xref_len(ctx, doc);
	for (int i = 1; i < count; i++)
		look_at_number(search, i);
}

void scripts_find(struct work *work, struct script_facts *ret)
{
	struct search search = {.work = work};
	search_all(&search);
	*ret = search.facts;
}

void scripts_strip(struct work *work)
{
	struct search search = {.work = work, .strips = true};
	search_all(&search);
}
