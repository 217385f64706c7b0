"""doxa: whose opinions does a language model express?"""
