"""What the console shows of the whole: today, the data map as a picture, evidence, jobs, the installation."""
