/* What the script of the compose page asks for while somebody types; signed-in pages only. */
#pragma once

#include "http/route.h"

/* {"people":[{"address","name","state","grade","by_rule"}],"errors":[{"field","detail"}],"title":"2
 * people will be invited"} */
handler_fn compose_json_people;
/* {"people":[{"name","address","grade"}],"title":"2 suggestions"} */
handler_fn compose_json_suggest;
/* {"pages":"3 pages","said":""} of an uploaded document to sign; or said: why it cannot be signed.
 */
handler_fn compose_json_inspect;
