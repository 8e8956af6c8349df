#include "web/learn.h"

/* Where in the product -> which page is about it: for the link to help at the end of every page.
 * The longest beginning of a route's path counts. */
static const struct {
	const char *route;
	const char *page;
} places[] = {
	{"/sign-in", "register"},
	{"/register", "register"},
	{"/help-signing-in", "passwords"},
	{"/reset", "passwords"},
	{"/address", "account"},
	{"/inbox", "read"},
	{"/archive", "read"},
	{"/trash", "read"},
	{"/message/{id}", "read"},
	{"/message/{id}/files", "files"},
	{"/message/{id}/recall", "recall"},
	{"/message/{id}/files/{file}/recall", "recall"},
	{"/message/{id}/sign", "sign"},
	{"/message/{id}/signing", "ask-to-sign"},
	{"/signatures", "sign"},
	{"/settings/signature", "sign"},
	{"/search", "find"},
	{"/labels", "find"},
	{"/label", "find"},
	{"/sent", "send"},
	{"/drafts", "send"},
	{"/drafts/{id}/files", "files"},
	{"/drafts/{id}/fields", "ask-to-sign"},
	{"/compose", "send"},
	{"/files", "files"},
	{"/people", "invite"},
	{"/people/groups", "send"},
	{"/account", "account"},
	{"/account/password", "passwords"},
	{"/account/recovery-code", "passwords"},
	{"/settings", "account"},
	{"/export", "account"},
	{"/admin", "overview"},
	{"/admin/users", "users"},
	{"/admin/users/import", "import"},
	{"/admin/texts", "texts"},
	{"/admin/audit", "audit"},
	{"/admin/rules", "rules"},
	{"/admin/seats", "seats"},
	{"/admin/settings", "settings"},
	{"/admin/branding", "branding"},
};
enum { PLACE_COUNT = sizeof(places) / sizeof(places[0]) };

static bool is_shown(const struct settings *settings, const struct learn_page *page)
{
	return settings_have(settings, page->feature);
}

const struct learn_page *learn_find(const struct settings *settings, struct str name)
{
	for (size_t i = 0; i < learn_page_count; i++)
		if (str_eq(name, str_of(learn_pages[i].name)))
			return is_shown(settings, &learn_pages[i]) ? &learn_pages[i] : NULL;
	return NULL;
}

const struct learn_page *learn_beside(const struct settings *settings,
				      const struct learn_page *page, int step)
{
	const struct learn_page *end = step < 0 ? learn_pages : learn_pages + learn_page_count - 1;
	for (const struct learn_page *p = page; p != end;) {
		p += step;
		if (p->audience != page->audience)
			return NULL;
		if (is_shown(settings, p))
			return p;
	}
	return NULL;
}

/* "/message" begins "/message/{id}", not "/messages". */
static bool begins(struct str path, struct str start)
{
	return str_starts_with(path, start) &&
	       (path.len == start.len || path.data[start.len] == '/');
}

const struct learn_page *learn_about(const struct settings *settings, const char *route)
{
	const char *page = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		struct str start = str_of(places[i].route);
		if (start.len <= longest || !begins(str_of(route), start))
			continue;
		longest = start.len;
		page = places[i].page;
	}
	return page ? learn_find(settings, str_of(page)) : NULL;
}

const char *learn_about_page(size_t at, const char **ret_route)
{
	if (at >= PLACE_COUNT)
		return NULL;
	*ret_route = places[at].route;
	return places[at].page;
}
