"""What the tables of `doxa.analysis` share.

===================  =========================================================================
`settings`           `Settings`: how a table is computed
`pairs`              models' answers beside people's, item by item
`forms`              the forms in which items were asked, as units that are drawn again
`blocks`             which populations to compare on which items
`item_scores`        alignment and other metrics of single items, averaged and drawn again
`contrasts`          means of alignment over items, and differences between them
`by_items`           numbers of groups and items, combined and taken by their items
`whole`              respondents drawn as whole persons
`baseline`           what a model has to beat
`personas`           personas of groups beside the groups, and what they are compared with
`ceiling`            what a second sample of the same people would reach
`uniform`           scores beside those of equal shares
`unseen`             how far shares known within bounds can move an alignment
`rounding`           how far the rounding of published shares can move an alignment
`bounds`             how far the alignment of an item can lie from what is known
`cultural_scale`     from the means of six items to the two dimensions of the cultural map
`spread`             variance, entropy and agreement of answers
`moments`            the moment equations of variance components
`rank_correlation`   Spearman's, for many pairs of columns at once
`places`             where each option stood when it was shown
`wilson`             shares of replies with Wilson's interval
`winners`            which of several estimates is the largest, and how surely
`correction`         p-values, of one test and of families
`notes`              the columns `resampled` and `note`
===================  =========================================================================
"""
