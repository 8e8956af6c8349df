/* P4.1: Markdown without raw HTML. What comes out is checked tag by tag against a list. */
#include "base/limits.h"
#include "web/markdown.h"
#include "web/markdown_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_BYTES = 8 << 20 };

static void assert_clean(const char *text, struct str markup)
{
	struct str bad;
	if (!markdown_check(markup, &bad))
		fail_msg("not allowed in the HTML of %.60s: %.*s", text, STR_ARGS(bad));
}

static const char *const attacks[] = {
	"<script>alert(1)</script>",
	"<ScRiPt src=//evil.example/x.js></ScRiPt>",
	"a <script>alert(1)</script> b",
	"<img src=x onerror=alert(1)>",
	"text <img src=x onerror=alert(1)> text",
	"<svg/onload=alert(1)>",
	"<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
	"<svg><script>alert(1)</script></svg>",
	"<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
	"<iframe srcdoc='<script>alert(1)</script>'></iframe>",
	"<body onload=alert(1)>",
	"<a href=\"javascript:alert(1)\">x</a>",
	"<style>@import 'https://evil.example/x.css';</style>",
	"<link rel=stylesheet href=https://evil.example/x.css>",
	"<base href=https://evil.example/>",
	"<meta http-equiv=refresh content='0;url=https://evil.example/'>",
	"<form action=https://evil.example/><input name=password></form>",
	"<details open ontoggle=alert(1)>",
	"<template><img src=x onerror=alert(1)></template>",
	"<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
	"<!-- <img src=x onerror=alert(1)> -->",
	"<!--><img src=x onerror=alert(1)>-->",
	"<![CDATA[<img src=x onerror=alert(1)>]]>",
	"<?php echo 1 ?><img src=x onerror=alert(1)>",
	"<!DOCTYPE html [<!ENTITY x 'y'>]>",
	"</div></main><script>alert(1)</script>",
	"</textarea><script>alert(1)</script>",
	"[x](javascript:alert(1))",
	"[x](JaVaScRiPt:alert(1))",
	"[x](java\tscript:alert(1))",
	"[x](<java\nscript:alert(1)>)",
	"[x](javascript&colon;alert(1))",
	"[x](javascript&#58;alert(1))",
	"[x](&#x6A;avascript:alert(1))",
	"[x](&#1;javascript:alert(1))",
	"[x]( javascript:alert(1))",
	"[x](<  javascript:alert(1)>)",
	"[x](\\javascript:alert(1))",
	"[x](vbscript:msgbox(1))",
	"[x](data:text/html,<script>alert(1)</script>)",
	"[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
	"[x](file:///etc/passwd)",
	"[x](//evil.example/)",
	"[x](/sign-out)",
	"[x](?done=saved)",
	"[x](#content)",
	"[x](blob:https://evil.example/1)",
	"[x](view-source:https://evil.example)",
	"[x](https://evil.example/\"onmouseover=alert(1)//)",
	"[x](https://evil.example/ \"t\\\" onmouseover=alert(1) \")",
	"[x](https://evil.example/'onmouseover='alert(1))",
	"[x](https://evil.example/&quot;onmouseover=alert(1))",
	"[x](<https://evil.example/<script>alert(1)</script>>)",
	"[x](https://bank.example@evil.example/)",
	"[<img src=x onerror=alert(1)>](https://example.com)",
	"![x](https://evil.example/pixel.png)",
	"![<script>](https://evil.example/pixel.png)",
	"![](https://evil.example/pixel.png)",
	"![x](data:image/png;base64,AAAA)",
	"![x](javascript:alert(1))",
	"![[a](https://a.example)](https://b.example)",
	"[![a](https://a.example)](https://b.example)",
	"[a [b](https://b.example)](https://a.example)",
	"![x](x \"onerror=alert(1)\")",
	"<javascript:alert(1)>",
	"<https://example.com/\"onclick=alert(1)>",
	"<https://example.com/?a=1&b=2>",
	"<anna@example.com>",
	"[r]: javascript:alert(1)\n\n[x][r]",
	"[r]: https://example.com \"<script>\"\n\n[x][r]",
	"`<script>alert(1)</script>`",
	"```html\"><script>alert(1)</script>\n<b>\n```",
	"    <script>alert(1)</script>",
	"~~~ \" onclick=\"alert(1)\nx\n~~~",
	"# <script>alert(1)</script>",
	"> <script>alert(1)</script>",
	"- <script>alert(1)</script>",
	"999999999. <script>alert(1)</script>",
	"-1. x",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"&#60;script&#62;alert(1)&#60;/script&#62;",
	"&#x0;&#xD800;&#x110000;",
	"<\xef\xbc\x9cscript>",
	"\\<script>alert(1)\\</script>",
	"<scr<script>ipt>alert(1)</scr</script>ipt>",
	"<b>bold</b> and <i>slanted</i>",
	"a\n<div>\nb\n</div>\n",
	"<div\nonclick=alert(1)>x</div>",
	"\"'><img src=x onerror=alert(1)>",
	"{{7*7}} {% if 1 %} ${7*7}",
	"*[x](https://a.example/**b)*",
	"**<u>**x**</u>**",
	"<a href='https://example.com' style='position:fixed;inset:0'>x</a>",
	"<input autofocus onfocus=alert(1)>",
	"<object data=javascript:alert(1)>",
	"<embed src=javascript:alert(1)>",
	"<video><source onerror=alert(1)></video>",
	"<x contenteditable onblur=alert(1)>x",
	"<button formaction=javascript:alert(1)>x",
	"\xf0\x9f\x98\x80 [\xe2\x80\xae](https://example.com/\xe2\x80\xae)",
};

static void attacks_come_out_as_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
		struct arena CLEANUP_ARENA arena;
		struct safe_html html;
		arena_init(&arena, 1 << 20);
		assert_int_equal(markdown_render(&arena, str_of(attacks[i]), MAX_BYTES, &html), OK);
		assert_clean(attacks[i], html.markup);
	}
}

static const struct {
	const char *text;
	const char *markup;
} letters[] = {
	{"", ""},
	{"Dear Anna,\nthank you.\n\nBen", "<p>Dear Anna,<br>\nthank you.</p>\n<p>Ben</p>\n"},
	{"**a** *b* `c`", "<p><strong>a</strong> <em>b</em> <code>c</code></p>\n"},
	{"# A\n\n###### B", "<h3>A</h3>\n<h6>B</h6>\n"},
	{"- a\n- b", "<ul dir=\"auto\">\n<li>a</li>\n<li>b</li>\n</ul>\n"},
	{"3. a\n4. b", "<ol dir=\"auto\" start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
	{"> a", "<blockquote dir=\"auto\">\n<p>a</p>\n</blockquote>\n"},
	{"---", "<hr>\n"},
	{"a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"},
	{"<div>\na\n</div>", "<p>&lt;div&gt;<br>\na<br>\n&lt;/div&gt;</p>\n"},
	{"<https://example.com/>",
	 "<p><a href=\"https://example.com/\" rel=\"noopener noreferrer nofollow\">"
	 "https://example.com/</a></p>\n"},
	{"[bank](https://bank.example@evil.example/x)",
	 "<p><a href=\"https://bank.example@evil.example/x\" rel=\"noopener noreferrer "
	 "nofollow\">bank</a>"
	 " <span class=\"host\">(<bdi>evil.example</bdi>)</span></p>\n"},
	{"[x](javascript:alert(1))", "<p>x</p>\n"},
	{"![a picture](https://example.com/p.png)",
	 "<p><a href=\"https://example.com/p.png\" rel=\"noopener noreferrer nofollow\">a "
	 "picture</a>"
	 " <span class=\"host\">(<bdi>example.com</bdi>)</span></p>\n"},
	{"![a picture](data:image/png;base64,AA)", "<p>a picture</p>\n"},
};

#define LINK(url) "<a href=\"" url "\" rel=\"noopener noreferrer nofollow\">" url "</a>"

static const struct {
	const char *text;
	const char *markup;
} addresses[] = {
	{"see https://example.com/a?b=1&c=2#d now",
	 "<p>see <a href=\"https://example.com/a?b=1&amp;c=2#d\" rel=\"noopener noreferrer "
	 "nofollow\">https://example.com/a?b=1&amp;c=2#d</a> now</p>\n"},
	{"http://example.com", "<p>" LINK("http://example.com") "</p>\n"},
	{"HTTPS://Example.com/X", "<p>" LINK("HTTPS://Example.com/X") "</p>\n"},
	{"(https://example.com/a_(b)).", "<p>(" LINK("https://example.com/a_(b)") ").</p>\n"},
	{"https://example.com/a_b_c*d", "<p>" LINK("https://example.com/a_b_c*d") "</p>\n"},
	{"https://example.com/, or https://example.org!",
	 "<p>" LINK("https://example.com/") ", or " LINK("https://example.org") "!</p>\n"},
	{"**https://example.com**", "<p><strong>" LINK("https://example.com") "</strong></p>\n"},
	{"https://example.com/K\xc3\xb6ln", "<p>" LINK("https://example.com/K\xc3\xb6ln") "</p>\n"},
	{"\xe2\x80\x9chttps://example.com\xe2\x80\x9d",
	 "<p>\xe2\x80\x9c" LINK("https://example.com") "\xe2\x80\x9d</p>\n"},
	{"https://example.com/\xe2\x80\xaegpj.exe",
	 "<p>" LINK("https://example.com/") "\xe2\x80\xaegpj.exe</p>\n"},
	{"https://a.example/\"onclick=x", "<p>" LINK("https://a.example/") "&quot;onclick=x</p>\n"},
	/* Not these. */
	{"https://bank.example@evil.example/", "<p>https://bank.example@evil.example/</p>\n"},
	{"https://", "<p>https://</p>\n"},
	{"https://...", "<p>https://...</p>\n"},
	{"xhttps://example.com", "<p>xhttps://example.com</p>\n"},
	{"javascript://example.com/%0aalert(1)", "<p>javascript://example.com/%0aalert(1)</p>\n"},
	{"www.example.com", "<p>www.example.com</p>\n"},
	{"`https://example.com`", "<p><code>https://example.com</code></p>\n"},
	{"    https://example.com", "<pre><code>https://example.com\n</code></pre>\n"},
	{"[https://bank.example](https://evil.example)",
	 "<p><a href=\"https://evil.example\" rel=\"noopener noreferrer nofollow\">"
	 "https://bank.example</a> <span class=\"host\">(<bdi>evil.example</bdi>)</span></p>\n"},
	{"![https://bank.example](https://evil.example)",
	 "<p><a href=\"https://evil.example\" rel=\"noopener noreferrer nofollow\">"
	 "https://bank.example</a> <span class=\"host\">(<bdi>evil.example</bdi>)</span></p>\n"},
};

static void plain_addresses_become_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct arena CLEANUP_ARENA arena;
		struct safe_html html;
		arena_init(&arena, 1 << 20);
		assert_int_equal(
			markdown_render(&arena, str_of(addresses[i].text), MAX_BYTES, &html), OK);
		assert_string_equal(arena_cstr(&arena, html.markup), addresses[i].markup);
		assert_clean(addresses[i].text, html.markup);
	}
}

static void letters_look_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		struct arena CLEANUP_ARENA arena;
		struct safe_html html;
		arena_init(&arena, 1 << 20);
		assert_int_equal(markdown_render(&arena, str_of(letters[i].text), MAX_BYTES, &html),
				 OK);
		assert_string_equal(arena_cstr(&arena, html.markup), letters[i].markup);
	}
}

static size_t deepest(struct str markup)
{
	size_t depth = 0, most = 0;
	for (size_t i = 0; i + 1 < markup.len; i++) {
		struct str rest = str_slice(markup, i, markup.len);
		if (markup.data[i] != '<' || str_starts_with(rest, STR("<br>")) ||
		    str_starts_with(rest, STR("<hr>")))
			continue;
		depth += markup.data[i + 1] == '/' ? (size_t)-1 : 1;
		most = depth > most ? depth : most;
	}
	return most;
}

static struct str repeat(struct arena *arena, const char *part, size_t bytes)
{
	size_t len = strlen(part);
	char *text = arena_alloc(arena, bytes);
	for (size_t at = 0; at < bytes; at++)
		text[at] = part[at % len];
	return str_bytes(text, bytes);
}

/* Texts made to hurt, as long as any that is formatted, and as any at all: they end, stay clean,
 * and nest to a limit. */
static void hostile_repetition_ends(void **state)
{
	static const char *const parts[] = {
		"[",    "]",    "![",   "[a](",       "*a ",       "_a ",      "`",
		"<",    "> ",   "- ",   "1. ",        "*_",        "[a]: u\n", "\\",
		"&amp", "**a ", "<!--", "https://a(", "http://a)", "x\n\n",    "[](<b",
		"![l",  "\n",   "# ",   "-\n+\n",
	};
	static const size_t sizes[] = {LIMIT_MARKDOWN_BYTES, LIMIT_BODY_BYTES};
	(void)state;
	for (size_t i = 0; i < 2 * sizeof parts / sizeof parts[0]; i++) {
		struct arena CLEANUP_ARENA arena;
		struct safe_html html;
		const char *part = parts[i / 2];
		arena_init(&arena, 32 << 20);
		struct str text = repeat(&arena, part, sizes[i % 2]);
		assert_int_equal(markdown_render(&arena, text, MAX_BYTES, &html), OK);
		assert_clean(part, html.markup);
		assert_true(deepest(html.markup) <= 30);
	}
}

static const struct {
	const char *sentence;
	const char *part;
	size_t bytes, max_bytes;
	enum err err;
	const char *start;
} longs[] = {
	{"as long as is formatted", "*a* b\n", LIMIT_MARKDOWN_BYTES, MAX_BYTES, OK,
	 "<p><em>a</em> b<br>\n"},
	{"a byte more is plain", "*a* b\n", LIMIT_MARKDOWN_BYTES + 1, MAX_BYTES, OK,
	 "<p>*a* b<br>\n*a* b<br>\n"},
	{"plain text is escaped", "<b>&\n", LIMIT_BODY_BYTES, MAX_BYTES, OK,
	 "<p>&lt;b&gt;&amp;<br>\n"},
	{"the longest HTML of a plain text", "\"", LIMIT_BODY_BYTES, 6 * LIMIT_BODY_BYTES + 16, OK,
	 "<p>&quot;&quot;"},
	{"whose HTML would be too long is plain", "-\n+\n", LIMIT_MARKDOWN_BYTES,
	 6 * LIMIT_MARKDOWN_BYTES, OK, "<p>-<br>\n+<br>\n"},
	{"too long even so", "\"", LIMIT_MARKDOWN_BYTES, 6 * LIMIT_MARKDOWN_BYTES, ERR_TOO_LARGE,
	 NULL},
};

static void what_is_too_long_is_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof longs / sizeof longs[0]; i++) {
		struct arena CLEANUP_ARENA arena;
		struct safe_html html = {STR_NONE};
		arena_init(&arena, 32 << 20);
		struct str text = repeat(&arena, longs[i].part, longs[i].bytes);
		print_message("# %s\n", longs[i].sentence);
		assert_int_equal(markdown_render(&arena, text, longs[i].max_bytes, &html),
				 longs[i].err);
		if (longs[i].start == NULL) {
			assert_null(html.markup.data);
			continue;
		}
		assert_true(str_starts_with(html.markup, str_of(longs[i].start)));
		assert_clean(longs[i].sentence, html.markup);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attacks_come_out_as_text),
		cmocka_unit_test(letters_look_as_written),
		cmocka_unit_test(plain_addresses_become_links),
		cmocka_unit_test(hostile_repetition_ends),
		cmocka_unit_test(what_is_too_long_is_plain),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
