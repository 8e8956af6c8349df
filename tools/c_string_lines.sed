# Turns a list into lines of one C string literal; lines that begin with # are notes.
/^#/d
s/.*/"&\\n"/
