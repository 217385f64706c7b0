# Variance components of crossed random effects by lme4 (REML), and the data they are of.
# Run in this folder: Rscript variance_components.R   (R with the package lme4, Debian: r-cran-lme4)
library(lme4)

set.seed(20240307)
n <- c(question = 12, country = 5, language = 4)
rows <- expand.grid(draw = 1:2, language = 1:n[["language"]], country = 1:n[["country"]],
                    question = 1:n[["question"]])
item <- rnorm(n[["question"]], sd = 0.15)
country <- rnorm(n[["country"]], sd = 0.08)
language <- rnorm(n[["language"]], sd = 0.06)
crossed <- matrix(rnorm(n[["question"]] * n[["country"]], sd = 0.07), n[["question"]])
rows$score <- round(0.7 + item[rows$question] + country[rows$country] + language[rows$language] +
                      crossed[cbind(rows$question, rows$country)] + rnorm(nrow(rows), sd = 0.05), 6)
labelled <- transform(rows, question = factor(question), country = factor(country),
                      language = factor(language))
model <- lmer(score ~ 1 + (1 | question) + (1 | country) + (1 | language) +
                (1 | question:country), labelled,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
found <- as.data.frame(VarCorr(model))[, c("grp", "vcov")]
found$vcov <- format(found$vcov, digits = 12)
write.csv(found, "variance_components.csv", row.names = FALSE, quote = FALSE)
write.csv(rows, "variance_scores.csv", row.names = FALSE, quote = FALSE)
