# Write shares.csv: shares of answers and their standard errors by R's package "survey", weighted
# and not, and Kish's effective number. Run in this folder: Rscript shares.R
# Made with R 4.2.2 and survey 4.1.1 (Debian 12: r-base-core, r-cran-survey).
suppressPackageStartupMessages(library(survey))
respondents <- read.csv("respondents.csv")
items <- grep("^Q", names(respondents), value = TRUE)
rows <- list()
for (country in sort(unique(respondents$B_COUNTRY_ALPHA))) for (item in items) {
  answered <- respondents[respondents$B_COUNTRY_ALPHA == country & respondents[[item]] >= 0, ]
  answered$answer <- factor(answered[[item]])
  for (weighted in c(TRUE, FALSE)) {
    answered$w <- if (weighted) answered$W_WEIGHT else 1
    means <- svymean(~answer, svydesign(ids = ~1, weights = ~w, data = answered))
    rows[[length(rows) + 1]] <- data.frame(
      country = country, question = item, code = levels(answered$answer),
      weighted = tolower(weighted), share = as.numeric(coef(means)), std_error = as.numeric(SE(means)),
      n = nrow(answered), n_effective = sum(answered$w)^2 / sum(answered$w^2)
    )
  }
}
table <- do.call(rbind, rows)
for (name in c("share", "std_error", "n_effective")) table[[name]] <- sprintf("%.15g", table[[name]])
write.csv(table, "shares.csv", row.names = FALSE, quote = FALSE)
