/* What the buttons of lists and messages do: to another box and back, read and unread, deleting for
 * ever. */
#pragma once

#include "http/form.h"
#include "web/box_page.h"

handler_fn move_page_act, move_page_destroy, move_page_empty_trash;
/* What the notice of a box offers to take back: "?undo=ID.ID". count 0 for anything else. */
enum err move_page_undo(struct cx *cx, const struct form *query, enum box box,
			struct undo_part *ret) MUST_CHECK;
