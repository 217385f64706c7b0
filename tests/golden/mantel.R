# Mantel's test by vegan over all rearrangements, and the two distance matrices it is of.
# Run in this folder: Rscript mantel.R   (R with the package vegan, Debian: r-cran-vegan)
library(vegan)

set.seed(20240311)
first <- round(as.matrix(dist(matrix(rnorm(12), 6))), 6)
second <- round(first + as.matrix(dist(matrix(rnorm(12, sd = 1.2), 6))), 6)
found <- sapply(c("pearson", "spearman"), function(method) {
  test <- mantel(first, second, method = method, permutations = how(complete = TRUE, maxperm = 1e4))
  c(statistic = unname(test$statistic), p_value = test$signif, permutations = test$permutations)
})
write.csv(signif(t(found), 15), "mantel.csv", quote = FALSE)
write.table(rbind(first, second), "mantel_distances.csv", sep = ",",
            row.names = FALSE, col.names = FALSE)
