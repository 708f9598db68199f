// The side bar: a column on wide windows, a sheet on phones.

class Navigation {
  isSheetOpen = $state(false);
}

export const navigation = new Navigation();
