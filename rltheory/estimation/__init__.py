"""How well can values be estimated from samples?"""
