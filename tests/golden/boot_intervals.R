# Intervals of a mean by R's boot, with the resamples they were made from.
# Run in this folder: Rscript boot_intervals.R   (R with the package boot, Debian: r-cran-boot)
library(boot)

set.seed(20240229)
scores <- round(rbeta(24, 8, 2), 6)
statistic <- function(data, index) {
  drawn <- data[index]
  n <- length(drawn)
  c(mean(drawn), sum((drawn - mean(drawn))^2) / n^2)
}
result <- boot(scores, statistic, R = 999)
intervals <- boot.ci(result, conf = 0.95, type = c("basic", "stud", "perc", "bca"))

rows <- rbind(
  c("percentile", tail(c(intervals$percent), 2)),
  c("basic", tail(c(intervals$basic), 2)),
  c("studentized", tail(c(intervals$student), 2)),
  c("bca", tail(c(intervals$bca), 2))
)
colnames(rows) <- c("method", "low", "high")
precise <- function(x) format(as.numeric(x), digits = 17)
rows[, 2:3] <- apply(rows[, 2:3], 2, precise)
write.csv(rows, "boot_intervals.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(score = scores), "boot_scores.csv", row.names = FALSE, quote = FALSE)
write.table(boot.array(result), "boot_frequencies.csv", sep = ",",
            row.names = FALSE, col.names = FALSE)
write.csv(data.frame(mean = precise(result$t[, 1])), "boot_means.csv",
          row.names = FALSE, quote = FALSE)
