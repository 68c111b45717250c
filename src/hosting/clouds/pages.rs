//! Pages of GitHub and GitLab: one tree in a project of its own, and never a customer's.

use crate::error::Error;

use super::super::{Plan, ServerFile, Texts};
use super::text;

pub(in super::super) fn files(plan: &Plan, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let trees = plan.trees.iter().filter(|tree| !tree.is_customer());
    let customers = plan.trees.iter().filter(|tree| tree.is_customer()).count();
    let left_out = match customers {
        0 => "The site has no customers' trees.".to_owned(),
        1 => "The site has 1 customer's tree. Nothing here publishes it.".to_owned(),
        many => format!("The site has {many} customers' trees. Nothing here publishes them."),
    };
    let mut files = Vec::new();
    let mut names = Vec::new();
    for tree in trees {
        let folder = &tree.folder;
        names.push(format!("`{folder}`"));
        let tree_values = [("TREE", folder.as_str())];
        files.push(text(texts, "pages/gitlab-ci.yml", &format!("{folder}/gitlab-ci.yml"), &tree_values)?);
        files.push(text(texts, "pages/github.yml", &format!("{folder}/github.yml"), &tree_values)?);
    }
    if names.is_empty() {
        return Err(Error::Usage {
            message: "the site has customers' trees alone, and Pages cannot tell readers apart".to_owned(),
            help: "use a server that can: tieout hosting nginx".to_owned(),
        });
    }
    let values = [("LEFT_OUT", left_out.as_str()), ("TREES", &names.join(", "))];
    files.insert(0, text(texts, "pages/README.md", "README.md", &values)?);
    Ok(files)
}
