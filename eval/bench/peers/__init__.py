"""The same report asked through other libraries, each in its usual hybrid of BM25 and vectors, in an environment of
their own: ``python -m eval bench --only peers``.

environment.py   installs them; rows.py measures; run.py is what runs in the environment, with one module a library:
``build(texts, folder)`` indexes passages, ``opened(texts, folder)`` gives a function from a question to the best one.
"""
