// Nothing of its own: the library that dualis-bench weighs is what it is linked from (figure library_size).
