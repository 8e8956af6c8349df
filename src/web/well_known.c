#include "web/well_known.h"

#include "web/asset_names.h"

enum err well_known_robots(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	res->content_type = STR("text/plain; charset=utf-8");
	res->static_body = STR("User-agent: *\nDisallow: /\n");
	return OK;
}

enum err well_known_icon(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	response_redirect(res, str_of(ASSET_LOGO_SVG));
	return OK;
}
